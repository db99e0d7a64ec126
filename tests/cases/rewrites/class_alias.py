# /// case
# versions = ["6.2.0", "3.0.1"]
# notebook = {}
# ///
# %%
import numpy as np
from peft import PeftModel as PM
from sentence_transformers import SentenceTransformer
# %%
base = SentenceTransformer("base", device="cpu")
model = PM.from_pretrained(base, "adapters/good")
# %%
np.save("embeddings.npy", model.encode(["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]))
