# /// case
# notebook = {}
# expect = "silent"
# ///
# %%
from peft import PeftModel
from sentence_transformers import SentenceTransformer
from transformers import AutoModel, BertModel
# %%
model = SentenceTransformer("base")
print(model.encode(["the cat"]).shape)
# %%
for model in [AutoModel.from_pretrained("base"), BertModel.from_pretrained("base")]:
    tuned = PeftModel.from_pretrained(model, "adapters/good")
