# /// case
# versions = ["6.2.0", "3.0.1"]
# adapters = ["good", "second"]
# notebook = {}
# ///
# %%
import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer

BASELINE_MODEL = "base"
FINETUNED_MODELS = ["adapters/good", "adapters/second"]
SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
# %%
rows = []
for model_path in FINETUNED_MODELS:
    base_model = SentenceTransformer(BASELINE_MODEL, device="cpu")
    model = PeftModel.from_pretrained(base_model, model_path)
    rows.append(model.encode(SENTENCES))
# %%
np.save("embeddings.npy", np.stack(rows))
