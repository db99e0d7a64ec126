# /// case
# notebook = {}
# expect = "held"
# adapters = ["good", "second"]
# ///
# %%
import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer

SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
# %%
base = SentenceTransformer("base", device="cpu")
rows = []
for name in ["good", "second"]:
    model = PeftModel.from_pretrained(base, f"adapters/{name}")
    rows.append(model.encode(SENTENCES))
# %%
np.save("embeddings.npy", np.stack(rows))
