# load reference into same model with trainable
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

model=PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("gpt2"), "sft", adapter_name="ref")
model.load_adapter("sft", "train", is_trainable=True)
model.set_adapter("train")
opt=torch.optim.AdamW(model.parameters(), lr=1e-4)
