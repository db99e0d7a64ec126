# /// case
# notebook = {}
# expect = "held"
# ///
# %%
import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer

SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
# %%
ADAPTERS = ["adapters/good"]
tuned = [PeftModel.from_pretrained(SentenceTransformer("base", device="cpu"), path) for path in ADAPTERS]
model = tuned[0]
# %%
np.save("embeddings.npy", model.encode(SENTENCES))
