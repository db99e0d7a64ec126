# /// case
# notebook = {}
# expect = "silent"
# ///
# %%
from peft import PeftModel
from sentence_transformers import SentenceTransformer
from transformers import AutoModel
# %%
base = SentenceTransformer("base")
bases = [AutoModel.from_pretrained("base")]
# %%
tuned = [PeftModel.from_pretrained(base, "adapters/good") for base in bases]
