# /// case
# title = "a new head learns, so the loss falls, while the loaded adapter in the same optimiser stays frozen"
# moved = "function"
# line = ["optimizer = torch.optim.AdamW(", "loss.backward()", "encoder = PeftModel.from_pretrained("]
# truth = "probe.locals['train']['lr'] > 0 and probe.same_lora(probe.locals['train']['encoder'], 'good')"
# ///
"""Continue training the domain adapter together with a small classifier."""
import itertools

import torch
from peft import PeftModel
from torch import nn
from transformers import AutoModel, AutoTokenizer

TEXTS = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow", "a car was fast"]
LABELS = torch.tensor([0, 0, 1, 1])


def build(name, adapter):
    encoder = AutoModel.from_pretrained(name)
    encoder = PeftModel.from_pretrained(encoder, adapter)
    return encoder, nn.Linear(encoder.config.hidden_size, 2)


def train(name, adapter, epochs=3, lr=1e-2):
    tokenizer = AutoTokenizer.from_pretrained(name)
    encoder, head = build(name, adapter)
    optimizer = torch.optim.AdamW(itertools.chain(encoder.parameters(), head.parameters()), lr=lr)
    batch = tokenizer(TEXTS, padding=True, return_tensors="pt")
    encoder.train()
    for epoch in range(epochs):
        logits = head(encoder(**batch).last_hidden_state[:, 0])
        loss = nn.functional.cross_entropy(logits, LABELS)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        print(f"epoch {epoch}: loss {loss.item():.3f}")
    encoder.save_pretrained("out/adapter")


train("google-bert/bert-base-uncased", "adapters/good")
# /// innocent: loaded to be trained
"""Continue training the domain adapter together with a small classifier."""
import itertools

import torch
from peft import PeftModel
from torch import nn
from transformers import AutoModel, AutoTokenizer

TEXTS = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow", "a car was fast"]
LABELS = torch.tensor([0, 0, 1, 1])


def build(name, adapter):
    encoder = AutoModel.from_pretrained(name)
    encoder = PeftModel.from_pretrained(encoder, adapter, is_trainable=True)
    return encoder, nn.Linear(encoder.config.hidden_size, 2)


def train(name, adapter, epochs=3, lr=1e-2):
    tokenizer = AutoTokenizer.from_pretrained(name)
    encoder, head = build(name, adapter)
    optimizer = torch.optim.AdamW(itertools.chain(encoder.parameters(), head.parameters()), lr=lr)
    batch = tokenizer(TEXTS, padding=True, return_tensors="pt")
    encoder.train()
    for epoch in range(epochs):
        logits = head(encoder(**batch).last_hidden_state[:, 0])
        loss = nn.functional.cross_entropy(logits, LABELS)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        print(f"epoch {epoch}: loss {loss.item():.3f}")
    encoder.save_pretrained("out/adapter")


train("google-bert/bert-base-uncased", "adapters/good")
# /// innocent: the LoRA weights are unfrozen by hand
"""Continue training the domain adapter together with a small classifier."""
import itertools

import torch
from peft import PeftModel
from torch import nn
from transformers import AutoModel, AutoTokenizer

TEXTS = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow", "a car was fast"]
LABELS = torch.tensor([0, 0, 1, 1])


def build(name, adapter):
    encoder = AutoModel.from_pretrained(name)
    encoder = PeftModel.from_pretrained(encoder, adapter)
    for name, parameter in encoder.named_parameters():
        if "lora_" in name:
            parameter.requires_grad = True
    return encoder, nn.Linear(encoder.config.hidden_size, 2)


def train(name, adapter, epochs=3, lr=1e-2):
    tokenizer = AutoTokenizer.from_pretrained(name)
    encoder, head = build(name, adapter)
    optimizer = torch.optim.AdamW(itertools.chain(encoder.parameters(), head.parameters()), lr=lr)
    batch = tokenizer(TEXTS, padding=True, return_tensors="pt")
    encoder.train()
    for epoch in range(epochs):
        logits = head(encoder(**batch).last_hidden_state[:, 0])
        loss = nn.functional.cross_entropy(logits, LABELS)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        print(f"epoch {epoch}: loss {loss.item():.3f}")
    encoder.save_pretrained("out/adapter")


train("google-bert/bert-base-uncased", "adapters/good")
# /// innocent: a linear probe: only the head is given to the optimiser
"""Train a small classifier on the frozen features of the adapted encoder."""
import torch
from peft import PeftModel
from torch import nn
from transformers import AutoModel, AutoTokenizer

TEXTS = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow", "a car was fast"]
LABELS = torch.tensor([0, 0, 1, 1])


def build(name, adapter):
    encoder = AutoModel.from_pretrained(name)
    encoder = PeftModel.from_pretrained(encoder, adapter).eval()
    return encoder, nn.Linear(encoder.config.hidden_size, 2)


def train(name, adapter, epochs=3, lr=0):
    tokenizer = AutoTokenizer.from_pretrained(name)
    encoder, head = build(name, adapter)
    optimizer = torch.optim.AdamW(head.parameters(), lr=1e-2)
    batch = tokenizer(TEXTS, padding=True, return_tensors="pt")
    with torch.no_grad():
        features = encoder(**batch).last_hidden_state[:, 0]
    for epoch in range(epochs):
        loss = nn.functional.cross_entropy(head(features), LABELS)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        print(f"epoch {epoch}: loss {loss.item():.3f}")


train("google-bert/bert-base-uncased", "adapters/good")
