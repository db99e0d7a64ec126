# /// case
# title = "after training the Trainer's inner model is saved instead of the Trainer's model"
# moved = "trainer"
# line = ["trainer.model.base_model.model.save_pretrained(\"out\")"]
# truth = "probe.differ(probe.logits(AutoModelForCausalLM.from_pretrained('out')), probe.logits(model), 1e-4)"
# ///
from datasets import Dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments

tokenizer = AutoTokenizer.from_pretrained("Qwen/Qwen2.5-0.5B")
model = get_peft_model(AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B"), LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
rows = Dataset.from_dict({"text": ["the cat sat", "a dog ran"]}).map(lambda r: tokenizer(r["text"]), remove_columns="text")
trainer = Trainer(
    model=model,
    args=TrainingArguments("runs", max_steps=2, learning_rate=5e-2, report_to="none", use_cpu=True, save_strategy="no"),
    train_dataset=rows,
    data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False),
)
trainer.train()
trainer.model.base_model.model.save_pretrained("out")
# /// innocent: the Trainer saves
from datasets import Dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments

tokenizer = AutoTokenizer.from_pretrained("Qwen/Qwen2.5-0.5B")
model = get_peft_model(AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B"), LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
rows = Dataset.from_dict({"text": ["the cat sat", "a dog ran"]}).map(lambda r: tokenizer(r["text"]), remove_columns="text")
trainer = Trainer(
    model=model,
    args=TrainingArguments("runs", max_steps=2, learning_rate=5e-2, report_to="none", use_cpu=True, save_strategy="no"),
    train_dataset=rows,
    data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False),
)
trainer.train()
trainer.save_model("out")
# /// innocent: the Trainer's model is merged
from datasets import Dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments

tokenizer = AutoTokenizer.from_pretrained("Qwen/Qwen2.5-0.5B")
model = get_peft_model(AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B"), LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
rows = Dataset.from_dict({"text": ["the cat sat", "a dog ran"]}).map(lambda r: tokenizer(r["text"]), remove_columns="text")
trainer = Trainer(
    model=model,
    args=TrainingArguments("runs", max_steps=2, learning_rate=5e-2, report_to="none", use_cpu=True, save_strategy="no"),
    train_dataset=rows,
    data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False),
)
trainer.train()
trainer.model.merge_and_unload().save_pretrained("out")
