# train flag
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModel

encoder=get_peft_model(AutoModel.from_pretrained("bert-base-uncased"), LoraConfig(r=4))
head=torch.nn.Linear(768,2)
opt=torch.optim.AdamW([*encoder.parameters(), *head.parameters()])
def run(b, train):
    with torch.set_grad_enabled(train):
        h=encoder(**b).last_hidden_state
    return head(h)
for b in loader:
    loss=run(b, True).sum(); loss.backward(); opt.step()
