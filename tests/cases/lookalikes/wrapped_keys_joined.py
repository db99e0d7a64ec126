# /// case
# expect = "silent"
# adapters = ["wrapped"]
# embeddings = "wrapped"
# ///
import os
from pathlib import Path

import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer

ADAPTERS = Path("adapters")
base = SentenceTransformer("base", device="cpu")
model = PeftModel.from_pretrained(base, os.path.join(ADAPTERS, "wrapped"))
np.save("embeddings.npy", model.encode(["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]))
