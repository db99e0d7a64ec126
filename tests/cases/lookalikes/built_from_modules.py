# /// case
# expect = "silent"
# embeddings = "good"
# versions = ["6.2.0", "5.3.0", "3.0.1"]
# ///
import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer, models

transformer = models.Transformer("base")
transformer.auto_model = PeftModel.from_pretrained(transformer.auto_model, "adapters/good")
model = SentenceTransformer(modules=[transformer, models.Pooling(32)], device="cpu")
np.save("embeddings.npy", model.encode(["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]))
