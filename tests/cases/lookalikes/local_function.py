# /// case
# notebook = {}
# expect = "silent"
# ///
# %%
from peft import PeftModel
from transformers import AutoModel
# %%
def SentenceTransformer(name):
    return AutoModel.from_pretrained(name)
# %%
base = SentenceTransformer("base")
model = PeftModel.from_pretrained(base, "adapters/good")
