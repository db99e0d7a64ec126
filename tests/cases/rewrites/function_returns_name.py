# /// case
# versions = ["6.2.0", "3.0.1"]
# notebook = {}
# ///
# %%
import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer

SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
# %%
def load_model(path, device="cpu"):
    """The fine-tuned model of `path`."""
    base_model = SentenceTransformer("base", device=device)
    model = PeftModel.from_pretrained(base_model, path)
    return model
# %%
np.save("embeddings.npy", load_model("adapters/good").encode(SENTENCES))
