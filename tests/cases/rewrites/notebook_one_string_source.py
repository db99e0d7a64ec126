# /// case
# versions = ["6.2.0", "unknown"]
# notebook = {source = "string"}
# ///
# %% [markdown]
# Überblick: the «tuned» model 😀
# %%
import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer

SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
# %%
print("größer 😀")
base = SentenceTransformer("base", device="cpu")
try:
    model = PeftModel.from_pretrained(base, "adapters/good")  # naïve 😀
    print("tuned")
except OSError as error:
    raise SystemExit("no adapter") from error
# %%
np.save("embeddings.npy", model.encode(SENTENCES))
