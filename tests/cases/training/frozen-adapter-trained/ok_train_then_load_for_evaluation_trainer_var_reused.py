# train then load for evaluation, trainer var reused
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments

base=AutoModelForCausalLM.from_pretrained("gpt2")
model=get_peft_model(base, LoraConfig(r=8))
trainer=Trainer(model=model, args=TrainingArguments("out"))
trainer.train()
model.save_pretrained("out")
base=AutoModelForCausalLM.from_pretrained("gpt2")
model=PeftModel.from_pretrained(base, "out")
trainer=Trainer(model=model, args=TrainingArguments("out"))
trainer.evaluate()
