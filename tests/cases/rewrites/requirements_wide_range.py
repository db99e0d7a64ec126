# /// case
# versions = ["3.0.1", "5.3.0", "6.2.0"]
# told_by_target = false
# files = {"pyproject.toml" = "[project]\nname = 'x'\nversion = '0'\ndependencies = ['sentence-transformers>=3.0']\n"}
# ///
import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer

SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
base = SentenceTransformer("base", device="cpu")
model = PeftModel.from_pretrained(base, "adapters/good")
np.save("embeddings.npy", model.encode(SENTENCES))
