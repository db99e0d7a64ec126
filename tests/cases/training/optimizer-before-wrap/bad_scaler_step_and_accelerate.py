# scaler step and accelerate
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

model=AutoModelForCausalLM.from_pretrained("gpt2")
optimizer=torch.optim.AdamW(model.parameters(), lr=1e-4)
model=get_peft_model(model, LoraConfig(r=8))
scaler=torch.cuda.amp.GradScaler()
for b in loader:
    loss=model(**b).loss
    scaler.scale(loss).backward()
    scaler.step(optimizer)
    scaler.update()
