# momentum encoder
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModel

q=get_peft_model(AutoModel.from_pretrained("bert-base-uncased"), LoraConfig(r=4))
k=get_peft_model(AutoModel.from_pretrained("bert-base-uncased"), LoraConfig(r=4))
opt=torch.optim.AdamW(q.parameters())
for b in loader:
    z=q(**b).last_hidden_state
    with torch.no_grad():
        t=k(**b).last_hidden_state
        for a,c in zip(q.parameters(), k.parameters()): c.data.mul_(0.9).add_(a.data, alpha=0.1)
    ((z-t)**2).mean().backward(); opt.step()
