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
wrap = lambda base: PeftModel.from_pretrained(base, "adapters/good")
tuned = wrap(AutoModel.from_pretrained("base"))
