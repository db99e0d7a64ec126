# /// case
# notebook = {}
# expect = "silent"
# ///
# %%
from peft import AutoPeftModelForFeatureExtraction
from sentence_transformers import SentenceTransformer
# %%
tuned = AutoPeftModelForFeatureExtraction.from_pretrained("adapters/good")
baseline = SentenceTransformer("base")
