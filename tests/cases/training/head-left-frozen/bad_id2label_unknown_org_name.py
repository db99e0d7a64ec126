# id2label, unknown org name
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification, Trainer

model=AutoModelForSequenceClassification.from_pretrained("FacebookAI/xlm-roberta-large", id2label=a, label2id=b)
model=get_peft_model(model, LoraConfig(r=8))
Trainer(model=model).train()
