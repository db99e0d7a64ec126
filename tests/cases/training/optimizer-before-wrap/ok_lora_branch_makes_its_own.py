# lora branch makes its own
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

model=AutoModelForCausalLM.from_pretrained("gpt2")
optimizer=torch.optim.AdamW(model.parameters(), lr=1e-4)
if use_lora:
    model=get_peft_model(model, LoraConfig(r=8))
    optimizer=torch.optim.AdamW(model.parameters(), lr=1e-4)
for b in loader:
    model(**b).loss.backward(); optimizer.step()
