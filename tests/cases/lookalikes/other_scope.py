# /// case
# expect = "silent"
# ///
from peft import PeftModel
from sentence_transformers import SentenceTransformer
from transformers import AutoModel


def baseline():
    model = SentenceTransformer("base")
    return model.encode(["the cat"])


def tuned():
    model = AutoModel.from_pretrained("base")
    return PeftModel.from_pretrained(model, "adapters/good")
