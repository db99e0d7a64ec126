# embedding cache then train with grads
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModel

encoder=get_peft_model(AutoModel.from_pretrained("bert-base-uncased"), LoraConfig(r=4))
opt=torch.optim.AdamW(encoder.parameters())
with torch.no_grad():
    before=encoder(**b).last_hidden_state
for b in loader:
    loss=compute_loss(encoder, b)
    loss.backward(); opt.step()
