# modules loop unfreezes
import torch
from peft import AutoPeftModelForCausalLM

model=AutoPeftModelForCausalLM.from_pretrained("out", device_map="auto")
for name, module in model.named_modules():
    if "lora_" in name:
        for p in module.parameters():
            p.requires_grad = True
opt=torch.optim.AdamW(model.parameters(), lr=1e-4)
