# /// case
# notebook = {}
# versions = ["6.2.0", "5.3.0", "3.0.1", "unknown"]
# ///
# %%
import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer

SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
# %%
options = {"adapter_name": "support"}
base = SentenceTransformer("base", device="cpu")
model = PeftModel.from_pretrained(base, "adapters/good", **options)
# %%
np.save("embeddings.npy", model.encode(SENTENCES))
