# /// case
# title = "the embedding helper of a second file is under no_grad, and the contrastive loss is taken of it"
# moved = "second file"
# file = "embedding.py"
# line = ["with torch.no_grad():", "return model(input_ids=ids).last_hidden_state.mean(1)"]
# truth = "all(p.grad is None for p in model.parameters())"
# ///
import torch
from embedding import embed
from peft import LoraConfig, get_peft_model
from transformers import AutoModel

model = get_peft_model(AutoModel.from_pretrained("base"), LoraConfig(r=4, target_modules=["query", "value"]))
temperature = torch.nn.Parameter(torch.tensor(0.05))
optimizer = torch.optim.AdamW([*(p for p in model.parameters() if p.requires_grad), temperature], lr=1e-3)
ids = torch.tensor([[2, 6, 3], [2, 7, 3]])
for _ in range(2):
    vectors = embed(model, ids)
    scores = vectors @ vectors.T / temperature
    loss = torch.nn.functional.cross_entropy(scores, torch.arange(2))
    loss.backward()
    optimizer.step()
# /// file embedding.py
import torch


def embed(model, ids):
    with torch.no_grad():
        return model(input_ids=ids).last_hidden_state.mean(1)
# /// innocent: the helper takes gradients where they are on
import torch
from embedding import embed
from peft import LoraConfig, get_peft_model
from transformers import AutoModel

model = get_peft_model(AutoModel.from_pretrained("base"), LoraConfig(r=4, target_modules=["query", "value"]))
temperature = torch.nn.Parameter(torch.tensor(0.05))
optimizer = torch.optim.AdamW([*(p for p in model.parameters() if p.requires_grad), temperature], lr=1e-3)
ids = torch.tensor([[2, 6, 3], [2, 7, 3]])
for _ in range(2):
    vectors = embed(model, ids)
    scores = vectors @ vectors.T / temperature
    loss = torch.nn.functional.cross_entropy(scores, torch.arange(2))
    loss.backward()
    optimizer.step()
# /// file embedding.py
import torch


def embed(model, ids):
    with torch.no_grad():
        mask = (ids != 0).float().unsqueeze(-1)
    return (model(input_ids=ids).last_hidden_state * mask).sum(1) / mask.sum(1)
