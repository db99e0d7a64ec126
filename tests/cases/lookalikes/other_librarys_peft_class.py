# /// case
# expect = "silent"
# ///
from mylib.wrappers import PeftModel
from sentence_transformers import SentenceTransformer

model = PeftModel.from_pretrained(SentenceTransformer("base"), "adapters/good")
