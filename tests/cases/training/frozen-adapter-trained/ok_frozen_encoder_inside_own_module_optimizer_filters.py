# frozen encoder inside own module, optimizer filters
import torch
from peft import PeftModel
from transformers import AutoModel

class Clf(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.enc=PeftModel.from_pretrained(AutoModel.from_pretrained("bert-base-uncased"), "good")
        self.head=torch.nn.Linear(768,2)
    def forward(self, **b):
        return self.head(self.enc(**b).last_hidden_state[:,0])
clf=Clf()
opt=torch.optim.AdamW(filter(lambda p: p.requires_grad, clf.parameters()))
