# /// case
# notebook = {}
# expect = "silent"
# adapters = ["wrapped"]
# embeddings = "wrapped"
# ///
# %%
import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer

SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
# %%
ROOT = "adapters"
base = SentenceTransformer("base", device="cpu")
model = PeftModel.from_pretrained(base, f"{ROOT}/wrapped")
# %%
np.save("embeddings.npy", model.encode(SENTENCES))
