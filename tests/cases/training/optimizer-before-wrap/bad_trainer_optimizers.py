# Trainer optimizers
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer

model=AutoModelForCausalLM.from_pretrained("gpt2")
optimizer=torch.optim.AdamW(model.parameters(), lr=1e-4)
model=get_peft_model(model, LoraConfig(r=8))
trainer=Trainer(model=model, args=a, train_dataset=d, optimizers=(optimizer, None))
trainer.train()
