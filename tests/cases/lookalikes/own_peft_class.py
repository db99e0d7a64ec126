# /// case
# expect = "silent"
# ///
from sentence_transformers import SentenceTransformer


class PeftModel:
    @classmethod
    def from_pretrained(cls, model, path):
        model.load_adapter(path)
        return model


model = PeftModel.from_pretrained(SentenceTransformer("base"), "adapters/good")
