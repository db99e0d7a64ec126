# /// case
# notebook = {}
# expect = "silent"
# ///
# %%
from peft import PeftModel
from sentence_transformers import SentenceTransformer
from transformers import AutoModel
# %%
model = AutoModel.from_pretrained("base")
tuned = PeftModel.from_pretrained(model, "adapters/good")
# %%
model = SentenceTransformer("base")
