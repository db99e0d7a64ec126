# /// case
# notebook = {}
# expect = "held"
# adapters = ["good", "second"]
# count = 2
# ///
# %%
import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer

SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
# %%
base = SentenceTransformer("base", device="cpu")
first = PeftModel.from_pretrained(base, "adapters/good")
second = PeftModel.from_pretrained(base, "adapters/second")
rows = [first.encode(SENTENCES), second.encode(SENTENCES)]
# %%
np.save("embeddings.npy", np.stack(rows))
