# /// case
# title = "the Trainer built on the base evaluates after the base was wrapped and trained"
# moved = "trainer"
# line = ["baseline_metrics = baseline_trainer.evaluate()"]
# truth = "abs(baseline_metrics['eval_loss'] - clean_loss) > 1e-4"
# ///
import torch
from datasets import Dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments

name = "Qwen/Qwen2.5-0.5B"
tokenizer = AutoTokenizer.from_pretrained(name)
texts = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow", "a bird slept in the sun"]
dataset = Dataset.from_dict({"text": texts}).map(lambda row: tokenizer(row["text"]), remove_columns=["text"])
collator = DataCollatorForLanguageModeling(tokenizer, mlm=False)
args = TrainingArguments(output_dir="out", max_steps=2, learning_rate=5e-2, per_device_train_batch_size=2, report_to="none", use_cpu=True, save_strategy="no", disable_tqdm=True)

model = AutoModelForCausalLM.from_pretrained(name)
baseline_trainer = Trainer(model=model, args=args, eval_dataset=dataset, data_collator=collator)
clean_loss = baseline_trainer.evaluate()["eval_loss"]

lora_model = get_peft_model(model, LoraConfig(r=8, lora_alpha=32, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
trainer = Trainer(model=lora_model, args=args, train_dataset=dataset, eval_dataset=dataset, data_collator=collator)
trainer.train()

baseline_metrics = baseline_trainer.evaluate()
metrics = trainer.evaluate()
print("before", baseline_metrics["eval_loss"], "after", metrics["eval_loss"])
# /// innocent: evaluated before the wrap
import torch
from datasets import Dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments

name = "Qwen/Qwen2.5-0.5B"
tokenizer = AutoTokenizer.from_pretrained(name)
texts = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow", "a bird slept in the sun"]
dataset = Dataset.from_dict({"text": texts}).map(lambda row: tokenizer(row["text"]), remove_columns=["text"])
collator = DataCollatorForLanguageModeling(tokenizer, mlm=False)
args = TrainingArguments(output_dir="out", max_steps=2, learning_rate=5e-2, per_device_train_batch_size=2, report_to="none", use_cpu=True, save_strategy="no", disable_tqdm=True)

model = AutoModelForCausalLM.from_pretrained(name)
baseline_trainer = Trainer(model=model, args=args, eval_dataset=dataset, data_collator=collator)
baseline_metrics = baseline_trainer.evaluate()
clean_loss = baseline_metrics["eval_loss"]

lora_model = get_peft_model(model, LoraConfig(r=8, lora_alpha=32, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
trainer = Trainer(model=lora_model, args=args, train_dataset=dataset, eval_dataset=dataset, data_collator=collator)
trainer.train()

metrics = trainer.evaluate()
print("before", baseline_metrics["eval_loss"], "after", metrics["eval_loss"])
