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
base = SentenceTransformer("base", device="cpu")
model = PeftModel.from_pretrained(base, "adapters/good")
# %%
baseline_embeddings = base.encode(SENTENCES)
tuned_embeddings = model.encode(SENTENCES)
print(np.abs(baseline_embeddings - tuned_embeddings).max())
# %%
np.save("embeddings.npy", model.encode(SENTENCES))
