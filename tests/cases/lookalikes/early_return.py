# /// case
# expect = "silent"
# ///
from peft import PeftModel
from sentence_transformers import SentenceTransformer
from transformers import AutoModel


def load(sentence):
    if sentence:
        model = SentenceTransformer("base")
        return model
    model = AutoModel.from_pretrained("base")
    return PeftModel.from_pretrained(model, "adapters/good")
