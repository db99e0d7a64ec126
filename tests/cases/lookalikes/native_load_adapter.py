# /// case
# notebook = {}
# expect = "silent"
# embeddings = "good"
# versions = ["6.2.0", "5.3.0"]
# ///
# %%
import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer

SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
# %%
model = SentenceTransformer("base", device="cpu")
model.load_adapter("adapters/good")
# %%
np.save("embeddings.npy", model.encode(SENTENCES))
