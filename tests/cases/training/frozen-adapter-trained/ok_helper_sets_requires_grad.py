# helper sets requires_grad
import torch
from peft import AutoPeftModelForCausalLM

def unfreeze(model):
    for n,p in model.named_parameters():
        if "lora" in n: p.requires_grad_(True)
model=AutoPeftModelForCausalLM.from_pretrained("out", device_map="auto")
unfreeze(model)
opt=torch.optim.AdamW(model.parameters(), lr=1e-4)
