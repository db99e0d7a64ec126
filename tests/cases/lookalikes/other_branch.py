# /// case
# expect = "silent"
# ///
import sys

from peft import PeftModel
from sentence_transformers import SentenceTransformer
from transformers import AutoModel


def load(kind):
    if kind == "sentence":
        model = SentenceTransformer("base")
        model.load_adapter("adapters/good")
    else:
        model = AutoModel.from_pretrained("base")
        model = PeftModel.from_pretrained(model, "adapters/good")
    return model


load(sys.argv[1] if len(sys.argv) > 1 else "plain")
