# model name constant & peft_config keyword
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification

NAME="roberta-base"
def build(n):
    model=AutoModelForSequenceClassification.from_pretrained(NAME, num_labels=n)
    return get_peft_model(model, peft_config=LoraConfig(r=8, target_modules=["query"], inference_mode=False))
model=build(4)
opt=torch.optim.AdamW(model.parameters(), lr=1e-3)
