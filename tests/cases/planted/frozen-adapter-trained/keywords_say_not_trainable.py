# /// case
# title = "a dictionary of load options says is_trainable=False, and the model is trained"
# moved = "keywords"
# line = ["trainer = Trainer(", "trainer.train()", "model = PeftModel.from_pretrained("]
# truth = "bool(probe.raised) or probe.same_lora(model, 'chat')"
# ///
from datasets import Dataset
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments

BASE = "Qwen/Qwen2.5-0.5B"
LOAD = {"adapter_name": "default", "is_trainable": False}

tokenizer = AutoTokenizer.from_pretrained(BASE)
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(BASE), "adapters/chat", **LOAD)
rows = Dataset.from_dict({"text": ["the cat sat", "a dog ran"]}).map(lambda r: tokenizer(r["text"]), remove_columns="text")
args = TrainingArguments("out", max_steps=1, learning_rate=1e-2, report_to="none", use_cpu=True, save_strategy="no")
trainer = Trainer(model, args, data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False), train_dataset=rows)
trainer.train()
model.save_pretrained("out/adapter")
# /// innocent: the dictionary says True
from datasets import Dataset
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments

BASE = "Qwen/Qwen2.5-0.5B"
LOAD = {"adapter_name": "default", "is_trainable": True}

tokenizer = AutoTokenizer.from_pretrained(BASE)
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(BASE), "adapters/chat", **LOAD)
rows = Dataset.from_dict({"text": ["the cat sat", "a dog ran"]}).map(lambda r: tokenizer(r["text"]), remove_columns="text")
args = TrainingArguments("out", max_steps=1, learning_rate=1e-2, report_to="none", use_cpu=True, save_strategy="no")
trainer = Trainer(model, args, data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False), train_dataset=rows)
trainer.train()
model.save_pretrained("out/adapter")
