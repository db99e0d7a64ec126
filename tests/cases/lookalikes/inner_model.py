# /// case
# notebook = {}
# expect = "silent"
# embeddings = "good"
# ///
# %%
import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer

SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
# %%
model = SentenceTransformer("base", device="cpu")
model[0].model = PeftModel.from_pretrained(model[0].model, "adapters/good")
# %%
np.save("embeddings.npy", model.encode(SENTENCES))
