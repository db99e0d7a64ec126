# continual tasks with one optimiser
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

cfg=LoraConfig(r=8)
model=get_peft_model(AutoModelForCausalLM.from_pretrained("gpt2"), cfg, adapter_name="first")
optimizer=torch.optim.AdamW(model.parameters(), lr=1e-4)
def fit():
    for b in loader:
        model(**b).loss.backward(); optimizer.step()
fit()
model.add_adapter("second", cfg)
model.set_adapter("second")
fit()
