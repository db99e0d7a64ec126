# /// case
# versions = ["6.2.0"]
# notebook = {}
# ///
# %%
import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer

folder, run = "adapters", "good"
SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
# %%
base = SentenceTransformer("base", device="cpu")
model = PeftModel.from_pretrained(base, f"{folder}/{run}")
np.save("embeddings.npy", model.encode(SENTENCES))
