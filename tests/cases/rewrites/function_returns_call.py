# /// case
# versions = ["6.2.0", "unknown"]
# ///
import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer

SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]


def load_model(path: str):
    base_model = SentenceTransformer("base", device="cpu")
    return PeftModel.from_pretrained(base_model, path)


if __name__ == "__main__":
    np.save("embeddings.npy", load_model("adapters/good").encode(SENTENCES))
