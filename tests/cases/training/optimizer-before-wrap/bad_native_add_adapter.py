# native add_adapter
import torch
from peft import LoraConfig
from transformers import AutoModelForCausalLM

model=AutoModelForCausalLM.from_pretrained("gpt2")
optimizer=torch.optim.AdamW(model.parameters(), lr=1e-4)
model.add_adapter(LoraConfig(r=8), "a")
for b in loader:
    model(**b).loss.backward(); optimizer.step()
