# base frozen by hand before, then frozen load
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

base=AutoModelForCausalLM.from_pretrained("gpt2")
for p in base.parameters():
    p.requires_grad = False
model=PeftModel.from_pretrained(base, "sft")
opt=torch.optim.AdamW(model.parameters(), lr=1e-4)
for b in loader:
    model(**b).loss.backward()
    opt.step()
