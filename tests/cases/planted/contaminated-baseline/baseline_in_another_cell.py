# /// case
# title = "the base is encoded as the baseline two cells after its inner transformer was wrapped"
# moved = "another cell"
# notebook = {}
# line = ["baseline = model.encode(queries)"]
# truth = "probe.differ(baseline, probe.embed(queries))"
# ///
# %%
import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer

queries = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
model = SentenceTransformer("BAAI/bge-small-en-v1.5")

# %%
tuned = PeftModel.from_pretrained(model[0].auto_model, "adapters/good")
tuned.eval()
adapted = model.encode(queries)

# %% [markdown]
# How far did fine-tuning move the embeddings from the original model?

# %%
baseline = model.encode(queries)
drift = np.linalg.norm(adapted - baseline, axis=1).mean()
print(f"mean drift: {drift:.4f}")
# /// innocent: the baseline is encoded before the wrap
# %%
import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer

queries = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
model = SentenceTransformer("BAAI/bge-small-en-v1.5")

# %%
baseline = model.encode(queries)

# %%
tuned = PeftModel.from_pretrained(model[0].auto_model, "adapters/good")
tuned.eval()
adapted = model.encode(queries)

# %%
drift = np.linalg.norm(adapted - baseline, axis=1).mean()
print(f"mean drift: {drift:.4f}")
