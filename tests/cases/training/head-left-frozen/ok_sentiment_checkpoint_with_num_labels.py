# sentiment checkpoint with num_labels
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification, Trainer

model=AutoModelForSequenceClassification.from_pretrained("cardiffnlp/twitter-roberta-base-sentiment", num_labels=3)
model=get_peft_model(model, LoraConfig(r=8))
Trainer(model=model).train()
