# /// case
# title = "if the newest adapter cannot be read, an older one is taken without a word"
# moved = "branch"
# line = ["except (ValueError, Exception)"]
# truth = "not probe.raised and not probe.differ(emb, probe.embed(texts, adapter='second'))"
# ///
from pathlib import Path

from peft import PeftModel
from sentence_transformers import SentenceTransformer

RUNS = Path("adapters")
texts = ["the cat sat on the mat", "the car was fast"]


def best_encoder(prefer_latest=True):
    encoder = SentenceTransformer("BAAI/bge-small-en-v1.5", device="cpu")
    inner = encoder[0].auto_model
    if prefer_latest:
        try:
            PeftModel.from_pretrained(inner, str(RUNS / "latest"))
        except (ValueError, Exception):
            PeftModel.from_pretrained(inner, str(RUNS / "second"))
    else:
        PeftModel.from_pretrained(inner, str(RUNS / "second"))
    return encoder


emb = best_encoder().encode(texts)
# /// innocent: the folder decides, not a failure
from pathlib import Path

from peft import PeftModel
from sentence_transformers import SentenceTransformer

RUNS = Path("adapters")
texts = ["the cat sat on the mat", "the car was fast"]


def best_encoder(prefer_latest=True):
    encoder = SentenceTransformer("BAAI/bge-small-en-v1.5", device="cpu")
    inner = encoder[0].auto_model
    if prefer_latest:
        PeftModel.from_pretrained(inner, str(RUNS / "good"))
    else:
        PeftModel.from_pretrained(inner, str(RUNS / "second"))
    return encoder


emb = best_encoder().encode(texts)
# /// innocent: the one expected error, then the same adapter again
from pathlib import Path

from peft import PeftModel
from sentence_transformers import SentenceTransformer

RUNS = Path("adapters")
texts = ["the cat sat on the mat", "the car was fast"]


def best_encoder(prefer_latest=True):
    encoder = SentenceTransformer("BAAI/bge-small-en-v1.5", device="cpu")
    inner = encoder[0].auto_model
    if prefer_latest:
        try:
            PeftModel.from_pretrained(inner, str(RUNS / "good"), low_cpu_mem_usage=True)
        except TypeError:
            PeftModel.from_pretrained(inner, str(RUNS / "good"))
    else:
        PeftModel.from_pretrained(inner, str(RUNS / "second"))
    return encoder


emb = best_encoder().encode(texts)
