# /// case
# versions = ["6.2.0", "3.0.1"]
# notebook = {}
# ///
# %%
import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer

SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
# %%
def embed(path):
	for attempt in range(2):
		base = SentenceTransformer("base", device="cpu")
		model = PeftModel.from_pretrained(base, path)
		if attempt:
			return model.encode(SENTENCES)
# %%
np.save("embeddings.npy", embed("adapters/good"))
