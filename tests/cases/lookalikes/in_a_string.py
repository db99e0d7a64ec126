# /// case
# expect = "silent"
# ///
"""Load an adapter.

    base = SentenceTransformer("base")
    model = PeftModel.from_pretrained(base, "adapters/good")  # wrong: nothing is loaded
"""
from peft import PeftModel
from sentence_transformers import SentenceTransformer

WRONG = 'model = PeftModel.from_pretrained(SentenceTransformer("base"), "adapters/good")'
RIGHT = f"{WRONG} is wrong"
