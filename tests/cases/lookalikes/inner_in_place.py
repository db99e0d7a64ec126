# /// case
# notebook = {}
# expect = "silent"
# embeddings = "good"
# versions = ["unknown"]
# ///
# %%
import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer

SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
# %%
model = SentenceTransformer("base", device="cpu")
PeftModel.from_pretrained(model[0].auto_model, "adapters/good", adapter_name="support")
# %%
np.save("embeddings.npy", model.encode(SENTENCES))
