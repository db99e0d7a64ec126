# /// case
# notebook = {}
# expect = "held"
# adapters = ["good", "wrapped"]
# ///
# %%
import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer

SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
# %%
import os
base = SentenceTransformer("base", device="cpu")
model = PeftModel.from_pretrained(base, os.environ.get("ADAPTER", "adapters/" + "doog"[::-1]))
# %%
np.save("embeddings.npy", np.stack([model.encode(SENTENCES)] * 2))
