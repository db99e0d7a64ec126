# /// case
# versions = ["6.2.0", "unknown"]
# notebook = {}
# ///
# %%
import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer as ST
# %%
encoder = ST("base", device="cpu")
tuned = PeftModel.from_pretrained(encoder, "adapters/good")
np.save("embeddings.npy", tuned.encode(["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]))
