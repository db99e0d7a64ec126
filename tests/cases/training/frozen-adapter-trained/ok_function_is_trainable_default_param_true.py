# function is_trainable default param true
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

def load(path, trainable=True):
    base=AutoModelForCausalLM.from_pretrained("gpt2")
    return PeftModel.from_pretrained(base, path, is_trainable=trainable)
model=load("sft")
opt=torch.optim.AdamW(model.parameters(), lr=1e-4)
