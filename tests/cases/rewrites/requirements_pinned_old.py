# /// case
# versions = ["3.0.1"]
# told_by_target = false
# files = {"requirements.txt" = "peft==0.12.0\nsentence-transformers==3.0.1  # the last one that ran here\n"}
# notebook = {}
# ///
# %%
import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer

SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
# %%
base = SentenceTransformer("base", device="cpu")
model = PeftModel.from_pretrained(base, "adapters/good")
np.save("embeddings.npy", model.encode(SENTENCES))
