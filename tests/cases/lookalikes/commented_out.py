# /// case
# notebook = {}
# expect = "silent"
# ///
# %%
from peft import PeftModel
from sentence_transformers import SentenceTransformer
# %%
base = SentenceTransformer("base")
# model = PeftModel.from_pretrained(base, "adapters/good")  # gave the base embeddings
model = base
model.load_adapter("adapters/good")
