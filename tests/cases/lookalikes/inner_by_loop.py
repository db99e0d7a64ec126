# /// case
# notebook = {}
# expect = "silent"
# embeddings = "good"
# ///
# %%
import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer

SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
# %%
model = SentenceTransformer("base", device="cpu")
for module in model:
    if hasattr(module, "auto_model"):
        PeftModel.from_pretrained(module.auto_model, "adapters/good")
# %%
np.save("embeddings.npy", model.encode(SENTENCES))
