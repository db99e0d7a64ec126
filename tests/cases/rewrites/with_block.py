# /// case
# versions = ["6.2.0", "unknown"]
# ///
import numpy as np
import torch
from peft import PeftModel
from sentence_transformers import SentenceTransformer

SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
with torch.no_grad():
    base = SentenceTransformer("base", device="cpu")
    model = PeftModel.from_pretrained(base, "adapters/good")
    embeddings = model.encode(SENTENCES)
np.save("embeddings.npy", embeddings)
