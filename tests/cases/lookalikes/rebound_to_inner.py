# /// case
# notebook = {}
# expect = "silent"
# versions = ["6.2.0", "5.3.0", "3.0.1"]
# ///
# %%
from peft import PeftModel
from sentence_transformers import SentenceTransformer
# %%
model = SentenceTransformer("base")
model = model[0].auto_model
# %%
model = PeftModel.from_pretrained(model, "adapters/good")
