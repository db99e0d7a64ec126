# accelerator.prepare
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from accelerate import Accelerator
accelerator=Accelerator()
model=AutoModelForCausalLM.from_pretrained("gpt2")
optimizer=torch.optim.AdamW(model.parameters(), lr=1e-4)
model=get_peft_model(model, LoraConfig(r=8))
model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
for b in loader:
    loss=model(**b).loss
    accelerator.backward(loss); optimizer.step()
