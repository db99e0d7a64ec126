# /// case
# versions = ["6.2.0", "unknown"]
# ///
from typing import Any

import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer

SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
base: SentenceTransformer = SentenceTransformer("base", device="cpu")
model: Any = PeftModel.from_pretrained(base, "adapters/good")
np.save("embeddings.npy", model.encode(SENTENCES))
