# bnb optimizer, filter requires_grad
from peft import AutoPeftModelForCausalLM

import bitsandbytes as bnb
model=AutoPeftModelForCausalLM.from_pretrained("out", device_map="auto")
model.train()
opt=bnb.optim.AdamW8bit(filter(lambda p: p.requires_grad, model.parameters()), lr=1e-4)
