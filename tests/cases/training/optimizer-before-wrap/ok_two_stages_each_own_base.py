# two stages, each own base
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

for name in ["a","b"]:
    model=AutoModelForCausalLM.from_pretrained(name)
    model=get_peft_model(model, LoraConfig(r=8))
    optimizer=torch.optim.AdamW(model.parameters(), lr=1e-4)
    for b in loader:
        model(**b).loss.backward(); optimizer.step()
