# class method with inference_mode
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModel

class M(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder=get_peft_model(AutoModel.from_pretrained("bert-base-uncased"), LoraConfig(r=4))
        self.head=torch.nn.Linear(768,2)
    def forward(self, batch):
        with torch.inference_mode():
            h=self.encoder(**batch).last_hidden_state
        return self.head(h[:,0])
m=M()
opt=torch.optim.AdamW(m.parameters())
for b,y in loader:
    loss=torch.nn.functional.cross_entropy(m(b),y)
    loss.backward(); opt.step()
