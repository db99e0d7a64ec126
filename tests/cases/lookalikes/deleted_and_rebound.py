# /// case
# notebook = {}
# expect = "silent"
# ///
# %%
from peft import PeftModel
from sentence_transformers import SentenceTransformer
from transformers import BertModel
# %%
base = SentenceTransformer("base")
del base
# %%
base = BertModel.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/good")
