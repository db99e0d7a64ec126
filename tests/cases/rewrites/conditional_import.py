# /// case
# versions = ["6.2.0"]
# ///
import numpy as np
from sentence_transformers import SentenceTransformer

try:
    from peft import PeftModel
except ImportError:
    PeftModel = None

SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
model = SentenceTransformer("base", device="cpu")
if PeftModel is not None:
    model = PeftModel.from_pretrained(model, "adapters/good")
np.save("embeddings.npy", model.encode(SENTENCES))
