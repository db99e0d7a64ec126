# /// case
# expect = "silent"
# ///
from peft import PeftModel
from sentence_transformers import SentenceTransformer

from mylib.wrappers import SafePeftModel

PeftModel = SafePeftModel
model = PeftModel.from_pretrained(SentenceTransformer("base"), "adapters/good")
