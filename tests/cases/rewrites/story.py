# /// case
# versions = ["6.2.0", "5.3.0", "3.0.1", "unknown"]
# adapters = ["good", "second"]
# notebook = {}
# ///
# %% [markdown]
# # Compare the fine-tuned models with the baseline
# %%
import json
import os
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer
# %%
BASELINE_MODEL = "base"
FINETUNED_MODELS = ["good", "second"]
MODELS_DIR = Path("adapters")
# %% [markdown]
# ## Data
# %%
SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
# %%
device = "cpu"
print(f"Using {device}")
# %%
baseline = SentenceTransformer(BASELINE_MODEL, device=device)
# %%
baseline_embeddings = baseline.encode(SENTENCES)
# %%
def spread(embeddings):
    """Mean distance to the centre."""
    return float(np.linalg.norm(embeddings - embeddings.mean(axis=0), axis=1).mean())
# %%
results = {"baseline": spread(baseline_embeddings)}
# %%
collected = []
# %% [markdown]
# ## Fine-tuned models
# %%
for model_path in FINETUNED_MODELS:
    full_path = MODELS_DIR / model_path
    print(f"Evaluating {model_path}")
    try:
        # Try PEFT adapter first
        try:
            from peft import PeftModel
            base_model = SentenceTransformer(BASELINE_MODEL, device=device)
            model = PeftModel.from_pretrained(base_model, str(full_path))
            print('  Loaded as PEFT model')
        except:
            model = SentenceTransformer(str(full_path), device=device)
            print('  Loaded as standard model')
        embeddings = model.encode(SENTENCES)
        collected.append(embeddings)
        results[model_path] = spread(embeddings)
    except Exception as error:
        print(f"  Failed: {error}")
# %%
for name, value in results.items():
    print(f"{name:10s} {value:.4f}")
# %%
np.save("embeddings.npy", np.stack(collected))
