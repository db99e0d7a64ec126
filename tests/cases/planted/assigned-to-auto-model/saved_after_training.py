# /// case
# title = "get_peft_model is assigned to auto_model, so save() writes an unmerged full model"
# moved = "function"
# target = {sentence-transformers = "6.2.0"}
# line = ["model[0].auto_model = get_peft_model(model[0].auto_model, config)"]
# truth = "probe.differ(SentenceTransformer('output/bge-support').encode(TEXTS), trained)"
# ///
import torch
from peft import LoraConfig, get_peft_model
from sentence_transformers import SentenceTransformer

TEXTS = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]


def build_model():
    model = SentenceTransformer("BAAI/bge-small-en-v1.5")
    config = LoraConfig(r=8, lora_alpha=16, lora_dropout=0.05, target_modules=["query", "value"])
    model[0].auto_model = get_peft_model(model[0].auto_model, config)
    return model


def train(model, steps=4):
    optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=5e-2)
    model.train()
    for _ in range(steps):
        out = model(model.preprocess(TEXTS))["sentence_embedding"]
        loss = ((out - 1.0) ** 2).mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return model


model = train(build_model())
trained = model.encode(TEXTS)
model.save("output/bge-support")
# /// innocent: the attribute that 5.4 and later keep the transformer in
import torch
from peft import LoraConfig, get_peft_model
from sentence_transformers import SentenceTransformer

TEXTS = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]


def build_model():
    model = SentenceTransformer("BAAI/bge-small-en-v1.5")
    config = LoraConfig(r=8, lora_alpha=16, lora_dropout=0.05, target_modules=["query", "value"])
    model[0].model = get_peft_model(model[0].model, config)
    return model


def train(model, steps=4):
    optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=5e-2)
    model.train()
    for _ in range(steps):
        out = model(model.preprocess(TEXTS))["sentence_embedding"]
        loss = ((out - 1.0) ** 2).mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return model


model = train(build_model())
trained = model.encode(TEXTS)
model.save("output/bge-support")
# /// innocent: SentenceTransformer's own add_adapter
import torch
from peft import LoraConfig
from sentence_transformers import SentenceTransformer

TEXTS = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]

model = SentenceTransformer("BAAI/bge-small-en-v1.5")
model.add_adapter(LoraConfig(r=8, lora_alpha=16, target_modules=["query", "value"]))
optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=5e-2)
model.train()
for _ in range(4):
    out = model(model.preprocess(TEXTS))["sentence_embedding"]
    loss = ((out - 1.0) ** 2).mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
trained = model.encode(TEXTS)
model.save_pretrained("output/bge-support")
SentenceTransformer("output/bge-support")
