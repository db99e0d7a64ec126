# /// case
# title = "a folder that fails as an adapter is tried as a model, then the hub's model is taken"
# moved = "nested"
# line = ["except Exception:"]
# truth = "not probe.raised and not probe.differ(emb, probe.embed(['the cat sat', 'the dog ran']))"
# ///
import os

from peft import PeftModel
from sentence_transformers import SentenceTransformer

DEFAULT = "BAAI/bge-small-en-v1.5"
MODEL_PATH = os.environ.get("MODEL_PATH", "models/support-v7")


def load_any(path):
    try:
        base = SentenceTransformer(DEFAULT, device="cpu")
        PeftModel.from_pretrained(base[0].auto_model, path)
        return base
    except Exception:
        try:
            return SentenceTransformer(path, device="cpu")
        except Exception:
            return SentenceTransformer(DEFAULT, device="cpu")


emb = load_any(MODEL_PATH).encode(["the cat sat", "the dog ran"])
# /// innocent: the kind of folder is asked, and a failure is a failure
import os

from peft import PeftModel
from sentence_transformers import SentenceTransformer

DEFAULT = "BAAI/bge-small-en-v1.5"
MODEL_PATH = os.environ.get("MODEL_PATH", "models/support-v7")


def load_any(path):
    if os.path.exists(os.path.join(path, "adapter_config.json")):
        base = SentenceTransformer(DEFAULT, device="cpu")
        PeftModel.from_pretrained(base[0].auto_model, path)
        return base
    if os.path.exists(os.path.join(path, "modules.json")):
        return SentenceTransformer(path, device="cpu")
    raise FileNotFoundError(path)


emb = load_any(MODEL_PATH).encode(["the cat sat", "the dog ran"])
