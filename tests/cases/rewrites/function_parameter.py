# /// case
# versions = ["6.2.0", "3.0.1"]
# ///
import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer

SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]


def with_adapter(encoder: SentenceTransformer, path: str) -> SentenceTransformer:
    tuned = PeftModel.from_pretrained(encoder, path)
    tuned.eval()
    return tuned


np.save("embeddings.npy", with_adapter(SentenceTransformer("base", device="cpu"), "adapters/good").encode(SENTENCES))
