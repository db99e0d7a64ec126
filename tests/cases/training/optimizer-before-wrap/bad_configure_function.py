# configure function
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

def main():
    model=AutoModelForCausalLM.from_pretrained("gpt2")
    optimizer=torch.optim.AdamW(model.parameters(), lr=1e-4)
    scheduler=torch.optim.lr_scheduler.LinearLR(optimizer)
    if use_lora:
        model=get_peft_model(model, LoraConfig(r=8))
    for b in loader:
        loss=model(**b).loss
        loss.backward(); optimizer.step(); scheduler.step(); optimizer.zero_grad()
main()
