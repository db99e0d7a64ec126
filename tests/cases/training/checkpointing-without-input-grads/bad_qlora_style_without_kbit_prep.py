# qlora style without kbit prep
# target transformers=4.40.0
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments

model=AutoModelForCausalLM.from_pretrained("gpt2")
model=get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"]))
model.gradient_checkpointing_enable()
trainer=Trainer(model=model, args=TrainingArguments("o"), train_dataset=d)
trainer.train()
