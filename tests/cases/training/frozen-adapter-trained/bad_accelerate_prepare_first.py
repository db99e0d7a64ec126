# accelerate prepare first
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from accelerate import Accelerator
acc=Accelerator()
model=PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("gpt2"), "sft")
model=acc.prepare(model)
optimizer=torch.optim.AdamW(model.parameters(), lr=1e-4)
optimizer=acc.prepare(optimizer)
