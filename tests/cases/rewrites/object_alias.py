# /// case
# versions = ["6.2.0"]
# notebook = {}
# ///
# %%
import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer

SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
# %%
baseline = SentenceTransformer("base", device="cpu")
# %%
encoder = baseline
# %%
model = PeftModel.from_pretrained(encoder, "adapters/good")
np.save("embeddings.npy", model.encode(SENTENCES))
