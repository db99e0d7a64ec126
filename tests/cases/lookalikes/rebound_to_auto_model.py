# /// case
# notebook = {}
# expect = "silent"
# ///
# %%
from peft import PeftModel
from sentence_transformers import SentenceTransformer
from transformers import AutoModel
# %%
model = SentenceTransformer("base")
baseline = model.encode(["the cat"])
# %%
model = AutoModel.from_pretrained("base")
# %%
model = PeftModel.from_pretrained(model, "adapters/good")
