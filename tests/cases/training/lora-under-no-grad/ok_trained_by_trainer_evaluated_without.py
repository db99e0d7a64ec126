# trained by trainer, evaluated without
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer

m=get_peft_model(AutoModelForCausalLM.from_pretrained("gpt2"), LoraConfig(r=4))
opt=torch.optim.AdamW(m.parameters())
Trainer(model=m, optimizers=(opt,None)).train()
with torch.no_grad():
    m(**b)
opt.step()
