# kbit
# target transformers=4.40.0
from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, Trainer, TrainingArguments

model=AutoModelForCausalLM.from_pretrained("gpt2", quantization_config=BitsAndBytesConfig(load_in_4bit=True))
model=prepare_model_for_kbit_training(model)
model=get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"]))
trainer=Trainer(model=model, args=TrainingArguments("o", gradient_checkpointing=True), train_dataset=d)
trainer.train()
