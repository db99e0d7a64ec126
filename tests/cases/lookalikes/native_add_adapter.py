# /// case
# expect = "silent"
# ///
from peft import LoraConfig
from sentence_transformers import SentenceTransformer

model = SentenceTransformer("base")
model.add_adapter(LoraConfig(r=4, target_modules=["query"]))
