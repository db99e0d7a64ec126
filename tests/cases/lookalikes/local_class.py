# /// case
# expect = "silent"
# ///
import torch
from peft import PeftModel
from transformers import AutoModel


class SentenceTransformer(torch.nn.Module):
    def __init__(self, name):
        super().__init__()
        self.encoder = AutoModel.from_pretrained(name)

    @classmethod
    def inner(cls, name):
        return cls(name).encoder


base = SentenceTransformer("base")
model = PeftModel.from_pretrained(base, "adapters/good")
