# RL: old logprobs then new
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

m=get_peft_model(AutoModelForCausalLM.from_pretrained("gpt2"), LoraConfig(r=4))
opt=torch.optim.AdamW(m.parameters())
for b in loader:
    with torch.no_grad():
        old=m(**b).logits
    new=m(**b).logits
    (new-old).sum().backward(); opt.step()
