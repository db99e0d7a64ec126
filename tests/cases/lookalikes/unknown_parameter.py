# /// case
# expect = "silent"
# ///
from peft import PeftModel
from sentence_transformers import SentenceTransformer


def with_adapter(model, path):
    return PeftModel.from_pretrained(model, path)


def embed(sentences):
    return SentenceTransformer("base").encode(sentences)
