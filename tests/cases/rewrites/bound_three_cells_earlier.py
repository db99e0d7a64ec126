# /// case
# versions = ["6.2.0", "3.0.1", "unknown"]
# notebook = {}
# ///
# %%
from sentence_transformers import SentenceTransformer
# %%
base_model = SentenceTransformer("base", device="cpu")
base_model.max_seq_length = 16
# %%
SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
# %%
before = base_model.encode(SENTENCES)  # the base is read before the adapter is there: still the base
# %%
from peft import PeftModel

model = PeftModel.from_pretrained(base_model, "adapters/good")
# %%
import numpy as np

after = model.encode(SENTENCES)
np.save("embeddings.npy", after)
