# /// case
# versions = ["6.2.0", "3.0.1"]
# ///
import os

import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer

SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
base = SentenceTransformer("base", device="cpu")
model = PeftModel.from_pretrained(base, os.environ.get("ADAPTER_OF_THE_DAY", "adapters/" + "doog"[::-1]))
np.save("embeddings.npy", model.encode(SENTENCES))
