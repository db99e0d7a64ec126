# /// case
# versions = ["6.2.0", "3.0.1", "unknown"]
# notebook = {}
# ///
# %%
import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer

SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
# %%
base = SentenceTransformer(
    "base",
    device="cpu",  # no GPU here
)
model = PeftModel.from_pretrained(  # the adapter of March
    (base),  # (the base)
    # trained on all pairs, (see the log)
    "adapters/good",
)
# %%
np.save("embeddings.npy", model.encode(SENTENCES))
