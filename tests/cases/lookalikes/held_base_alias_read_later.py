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
baseline = SentenceTransformer("base", device="cpu")
base = baseline
model = PeftModel.from_pretrained(base, "adapters/good")
# %%
print(np.abs(baseline.encode(SENTENCES) - model.encode(SENTENCES)).max())
# %%
np.save("embeddings.npy", model.encode(SENTENCES))
