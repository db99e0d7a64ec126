# param groups, named_parameters
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

model=PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("gpt2"), "sft")
no_decay=["bias"]
groups=[{"params":[p for n,p in model.named_parameters() if not any(nd in n for nd in no_decay)],"weight_decay":0.1},
 {"params":[p for n,p in model.named_parameters() if any(nd in n for nd in no_decay)],"weight_decay":0.0}]
optimizer=torch.optim.AdamW(groups, lr=1e-4)
