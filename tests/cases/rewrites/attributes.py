# /// case
# versions = ["6.2.0", "3.0.1", "unknown"]
# ///
import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer


class Embedder:
    def __init__(self, base, adapter):
        self.base = SentenceTransformer(base, device="cpu")
        self.model = PeftModel.from_pretrained(self.base, adapter)

    def embed(self, sentences):
        return self.model.encode(sentences)


embedder = Embedder("base", "adapters/good")
np.save("embeddings.npy", embedder.embed(["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]))
