# continual tasks with fresh optimiser
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

model=get_peft_model(AutoModelForCausalLM.from_pretrained("gpt2"), LoraConfig(r=8), adapter_name="t0")
for i in range(1,4):
    optimizer=torch.optim.AdamW(model.parameters(), lr=1e-4)
    for b in loader:
        model(**b).loss.backward(); optimizer.step()
    model.add_adapter(f"t{i}", LoraConfig(r=8))
    model.set_adapter(f"t{i}")
