# /// case
# title = "SentenceTransformer.save writes the wrapped layers under names that nothing reads back"
# moved = "library"
# line = ["encoder.save(\"out\")"]
# truth = "probe.differ(SentenceTransformer('out', device='cpu').encode(texts), vectors)"
# ///
import torch
from peft import LoraConfig, get_peft_model
from sentence_transformers import SentenceTransformer

texts = ["the cat sat on the mat", "a dog ran in the rain"]


def fit(encoder, peft_model):
    optimizer = torch.optim.AdamW([p for p in peft_model.parameters() if p.requires_grad], lr=5e-2)
    batch = encoder.tokenizer(texts, padding=True, return_tensors="pt")
    for _ in range(3):
        loss = (peft_model(**batch).last_hidden_state - 1).pow(2).mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    peft_model.eval()


encoder = SentenceTransformer("BAAI/bge-small-en-v1.5", device="cpu")
peft_model = get_peft_model(encoder[0].auto_model, LoraConfig(r=4, lora_alpha=16, target_modules=["query", "value"]))
fit(encoder, peft_model)
vectors = encoder.encode(texts)
encoder.save("out")
# /// innocent: merged in place before
import torch
from peft import LoraConfig, get_peft_model
from sentence_transformers import SentenceTransformer

texts = ["the cat sat on the mat", "a dog ran in the rain"]


def fit(encoder, peft_model):
    optimizer = torch.optim.AdamW([p for p in peft_model.parameters() if p.requires_grad], lr=5e-2)
    batch = encoder.tokenizer(texts, padding=True, return_tensors="pt")
    for _ in range(3):
        loss = (peft_model(**batch).last_hidden_state - 1).pow(2).mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    peft_model.eval()


encoder = SentenceTransformer("BAAI/bge-small-en-v1.5", device="cpu")
peft_model = get_peft_model(encoder[0].auto_model, LoraConfig(r=4, lora_alpha=16, target_modules=["query", "value"]))
fit(encoder, peft_model)
vectors = encoder.encode(texts)
peft_model.merge_and_unload()
encoder.save("out")
# /// innocent: added the native way, saved the native way
import torch
from peft import LoraConfig
from sentence_transformers import SentenceTransformer

texts = ["the cat sat on the mat", "a dog ran in the rain"]


def fit(encoder, peft_model):
    optimizer = torch.optim.AdamW([p for p in peft_model.parameters() if p.requires_grad], lr=5e-2)
    batch = encoder.tokenizer(texts, padding=True, return_tensors="pt")
    for _ in range(3):
        loss = (peft_model(**batch).last_hidden_state - 1).pow(2).mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    peft_model.eval()


encoder = SentenceTransformer("BAAI/bge-small-en-v1.5", device="cpu")
encoder.add_adapter(LoraConfig(r=4, lora_alpha=16, target_modules=["query", "value"]))
peft_model = encoder[0].auto_model
fit(encoder, peft_model)
vectors = encoder.encode(texts)
encoder.save("out")
