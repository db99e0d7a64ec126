# checkpoint folder
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification, Trainer

model=AutoModelForSequenceClassification.from_pretrained("./out/checkpoint-500", num_labels=3)
model=get_peft_model(model, LoraConfig(r=8))
Trainer(model=model).train()
