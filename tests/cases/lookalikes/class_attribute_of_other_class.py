# /// case
# expect = "silent"
# ///
from peft import PeftModel
from sentence_transformers import SentenceTransformer
from transformers import AutoModel


class Retriever:
    def __init__(self):
        self.model = SentenceTransformer("base")


class Generator:
    def __init__(self):
        self.model = AutoModel.from_pretrained("base")
        self.model = PeftModel.from_pretrained(self.model, "adapters/good")
