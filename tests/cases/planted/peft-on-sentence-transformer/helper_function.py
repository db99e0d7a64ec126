# /// case
# title = "one function makes the encoder, another wraps what it is given"
# moved = "helper functions"
# adapters = ["good"]
# line = ["return PeftModel.from_pretrained(encoder, adapter)"]
# truth = "not probe.differ(vectors, probe.embed(['the bus was slow']))"
# ///
import torch
from peft import PeftModel
from sentence_transformers import SentenceTransformer


def make_encoder(name):
    device = "cuda" if torch.cuda.is_available() else "cpu"
    encoder = SentenceTransformer(name, device=device)
    encoder.max_seq_length = 32
    return encoder


def add_adapter(encoder, adapter):
    return PeftModel.from_pretrained(encoder, adapter)


tuned = add_adapter(make_encoder("sentence-transformers/all-MiniLM-L6-v2"), "adapters/good")
vectors = tuned.encode(["the bus was slow"])
# /// innocent: the helper is given the transformer inside
import torch
from peft import PeftModel
from sentence_transformers import SentenceTransformer


def make_encoder(name):
    device = "cuda" if torch.cuda.is_available() else "cpu"
    encoder = SentenceTransformer(name, device=device)
    encoder.max_seq_length = 32
    return encoder


def add_adapter(encoder, adapter):
    return PeftModel.from_pretrained(encoder, adapter)


tuned = make_encoder("sentence-transformers/all-MiniLM-L6-v2")
add_adapter(tuned[0].auto_model, "adapters/good")
vectors = tuned.encode(["the bus was slow"])
