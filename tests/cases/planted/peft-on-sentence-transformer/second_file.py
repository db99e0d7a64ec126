# /// case
# title = "the encoder comes from a function of a second file"
# moved = "second file"
# adapters = ["good"]
# line = ["model = PeftModel.from_pretrained(model, \"adapters/good\")"]
# truth = "not probe.differ(model.encode(['the car was fast']), probe.embed(['the car was fast']))"
# ///
from peft import PeftModel

from encoders import load_encoder

model = load_encoder("bge")
model = PeftModel.from_pretrained(model, "adapters/good")
model.eval()
print(model.encode(["a bird slept"]).shape)
# /// file encoders.py
from sentence_transformers import SentenceTransformer

NAMES = {"bge": "BAAI/bge-small-en-v1.5", "minilm": "sentence-transformers/all-MiniLM-L6-v2"}


def load_encoder(short):
    return SentenceTransformer(NAMES[short], device="cpu")
# /// innocent: the function of the second file gives a transformers model
import torch
from peft import PeftModel

from encoders import load_encoder

tokenizer, model = load_encoder("bge")
model = PeftModel.from_pretrained(model, "adapters/good")
model.eval()


class Encoder:
    @torch.no_grad()
    def encode(self, texts):
        return peft_model(**tokenizer(texts, return_tensors="pt")).last_hidden_state.mean(1).numpy()


peft_model, model = model, Encoder()
print(model.encode(["a bird slept"]).shape)
# /// file encoders.py
from transformers import AutoModel, AutoTokenizer

NAMES = {"bge": "BAAI/bge-small-en-v1.5", "minilm": "sentence-transformers/all-MiniLM-L6-v2"}


def load_encoder(short):
    return AutoTokenizer.from_pretrained(NAMES[short]), AutoModel.from_pretrained(NAMES[short])
