# /// case
# title = "SentenceTransformer.encode, which runs without gradients, feeds the loss of the head"
# moved = "function"
# line = ["vectors = torch.tensor(encoder.encode(texts))"]
# truth = "all(p.grad is None for p in encoder.parameters())"
# ///
import torch
from peft import LoraConfig, get_peft_model
from sentence_transformers import SentenceTransformer

encoder = SentenceTransformer("BAAI/bge-small-en-v1.5")
get_peft_model(encoder[0].auto_model, LoraConfig(r=8, target_modules=["query", "value"]))
head = torch.nn.Linear(32, 2)
optimizer = torch.optim.AdamW([p for p in encoder.parameters() if p.requires_grad] + [*head.parameters()], lr=1e-3)


def step(texts, labels):
    vectors = torch.tensor(encoder.encode(texts))
    loss = torch.nn.functional.cross_entropy(head(vectors), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


for _ in range(2):
    print(step(["the cat sat", "a dog ran"], torch.tensor([0, 1])))
# /// innocent: the forward call, which keeps gradients
import torch
from peft import LoraConfig, get_peft_model
from sentence_transformers import SentenceTransformer

encoder = SentenceTransformer("BAAI/bge-small-en-v1.5")
get_peft_model(encoder[0].auto_model, LoraConfig(r=8, target_modules=["query", "value"]))
head = torch.nn.Linear(32, 2)
optimizer = torch.optim.AdamW([p for p in encoder.parameters() if p.requires_grad] + [*head.parameters()], lr=1e-3)


def step(texts, labels):
    vectors = encoder(encoder.preprocess(texts))["sentence_embedding"]
    loss = torch.nn.functional.cross_entropy(head(vectors), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


for _ in range(2):
    print(step(["the cat sat", "a dog ran"], torch.tensor([0, 1])))
print(encoder.encode(["a bird slept"]).shape)
