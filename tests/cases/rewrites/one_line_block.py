# /// case
# versions = ["6.2.0", "3.0.1"]
# ///
import os

import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer

SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
base = model = SentenceTransformer("base", device="cpu")
if os.path.isdir("adapters/good"): model = PeftModel.from_pretrained(base, "adapters/good")
np.save("embeddings.npy", model.encode(SENTENCES))
