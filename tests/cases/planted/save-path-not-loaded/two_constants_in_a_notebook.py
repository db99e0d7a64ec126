# /// case
# title = "OUTPUT_DIR is written, ADAPTER_PATH is read, and they differ"
# moved = "another cell"
# notebook = {}
# line = ["PeftModel.from_pretrained(evaluator[0].auto_model, ADAPTER_PATH)", "wrapped.save_pretrained(OUTPUT_DIR)"]
# before = "import shutil; shutil.copytree('adapters/second', 'models/bge-lora-v1')"
# truth = "not probe.same_lora(evaluator[0].auto_model, 'models/bge-lora-v2')"
# ///
# %%
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from sentence_transformers import SentenceTransformer

OUTPUT_DIR = "models/bge-lora-v2"
ADAPTER_PATH = "models/bge-lora-v1"
texts = ["the cat sat on the mat", "a dog ran in the rain"]

# %%
model = SentenceTransformer("BAAI/bge-small-en-v1.5")
wrapped = get_peft_model(model[0].auto_model, LoraConfig(r=4, target_modules=["query", "value"]))
optimizer = torch.optim.AdamW([p for p in wrapped.parameters() if p.requires_grad], lr=1e-2)
for _ in range(3):
    loss = (model(model.preprocess(texts))["sentence_embedding"] - 1).pow(2).mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()

# %%
wrapped.save_pretrained(OUTPUT_DIR)

# %% [markdown]
# ## Evaluation

# %%
evaluator = SentenceTransformer("BAAI/bge-small-en-v1.5")
PeftModel.from_pretrained(evaluator[0].auto_model, ADAPTER_PATH)
print(evaluator.encode(texts).mean())
# /// innocent: both names hold one path
# %%
import os

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from sentence_transformers import SentenceTransformer

OUTPUT_DIR = "models"
ADAPTER_PATH = os.path.join(OUTPUT_DIR, "bge-lora-v2")
texts = ["the cat sat on the mat", "a dog ran in the rain"]

# %%
model = SentenceTransformer("BAAI/bge-small-en-v1.5")
wrapped = get_peft_model(model[0].auto_model, LoraConfig(r=4, target_modules=["query", "value"]))
optimizer = torch.optim.AdamW([p for p in wrapped.parameters() if p.requires_grad], lr=1e-2)
for _ in range(3):
    loss = (model(model.preprocess(texts))["sentence_embedding"] - 1).pow(2).mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()

# %%
wrapped.save_pretrained("models/bge-lora-v2")

# %% [markdown]
# ## Evaluation

# %%
evaluator = SentenceTransformer("BAAI/bge-small-en-v1.5")
PeftModel.from_pretrained(evaluator[0].auto_model, ADAPTER_PATH)
print(evaluator.encode(texts).mean())
