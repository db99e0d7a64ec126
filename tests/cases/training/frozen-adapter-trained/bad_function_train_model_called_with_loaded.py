# function train(model) called with loaded
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

def train(model, loader):
    optimizer=torch.optim.AdamW(model.parameters(), lr=1e-4)
    for b in loader:
        loss=model(**b).loss
        loss.backward(); optimizer.step()
    return model
def load(path):
    base=AutoModelForCausalLM.from_pretrained("gpt2")
    return PeftModel.from_pretrained(base, path)
model=train(load("sft"), loader)
