# /// case
# title = "the encode step of a module is decorated with no_grad and trained through"
# moved = "method, decorator"
# line = ["@torch.no_grad()"]
# truth = "all(p.grad is None for p in model.encoder.parameters())"
# ///
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModel


class Ranker(torch.nn.Module):
    def __init__(self, name):
        super().__init__()
        self.encoder = get_peft_model(AutoModel.from_pretrained(name), LoraConfig(r=4, target_modules=["query", "value"]))
        self.score = torch.nn.Linear(32, 1)

    @torch.no_grad()
    def encode(self, ids):
        return self.encoder(input_ids=ids).last_hidden_state.mean(1)

    def forward(self, ids):
        return self.score(self.encode(ids)).squeeze(-1)


model = Ranker("google-bert/bert-base-uncased")
optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=1e-3)
ids, target = torch.tensor([[2, 6, 3], [2, 7, 3]]), torch.tensor([0.0, 1.0])
for _ in range(2):
    loss = torch.nn.functional.mse_loss(model(ids), target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
# /// innocent: another method, for serving, is decorated
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModel


class Ranker(torch.nn.Module):
    def __init__(self, name):
        super().__init__()
        self.encoder = get_peft_model(AutoModel.from_pretrained(name), LoraConfig(r=4, target_modules=["query", "value"]))
        self.score = torch.nn.Linear(32, 1)

    @torch.no_grad()
    def rank(self, ids):
        return self(ids).argsort(descending=True)

    def encode(self, ids):
        return self.encoder(input_ids=ids).last_hidden_state.mean(1)

    def forward(self, ids):
        return self.score(self.encode(ids)).squeeze(-1)


model = Ranker("google-bert/bert-base-uncased")
optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=1e-3)
ids, target = torch.tensor([[2, 6, 3], [2, 7, 3]]), torch.tensor([0.0, 1.0])
for _ in range(2):
    loss = torch.nn.functional.mse_loss(model(ids), target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(model.rank(ids))
