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
def load_base():
    return SentenceTransformer("base", device="cpu")
# %%
base = load_base()
model = PeftModel.from_pretrained(base, "adapters/good")
np.save("embeddings.npy", model.encode(SENTENCES))
