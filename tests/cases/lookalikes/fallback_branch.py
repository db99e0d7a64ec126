# /// case
# notebook = {}
# expect = "silent"
# ///
# %%
from peft import PeftModel
from transformers import AutoModel
# %%
try:
    model = PeftModel.from_pretrained(AutoModel.from_pretrained("base"), "adapters/good")
except OSError:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer("adapters/good")
