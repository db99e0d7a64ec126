# /// case
# title = "the baseline embeddings are taken after LoRA was trained into the same encoder"
# moved = "another cell"
# notebook = {}
# line = ["baseline_embeddings = base_model.encode("]
# truth = "probe.differ(baseline_embeddings, probe.embed(texts))"
# ///
# %% [markdown]
# # LoRA for retrieval: does it move the embeddings?

# %%
import torch
from peft import LoraConfig, TaskType, get_peft_model
from sentence_transformers import SentenceTransformer

texts = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
base_model = SentenceTransformer("BAAI/bge-small-en-v1.5", device="cpu")

# %%
config = LoraConfig(task_type=TaskType.FEATURE_EXTRACTION, r=4, lora_alpha=16, target_modules=["query", "value"])
lora = get_peft_model(base_model[0].auto_model, config)
lora.print_trainable_parameters()

# %%
tokens = base_model.tokenizer(texts, padding=True, return_tensors="pt")
optimizer = torch.optim.AdamW(filter(lambda p: p.requires_grad, lora.parameters()), lr=5e-2)
lora.train()
for epoch in range(3):
    hidden = lora(**tokens).last_hidden_state.mean(dim=1)
    loss = (hidden - 1).pow(2).mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
lora.eval()
tuned_embeddings = base_model.encode(texts)

# %%
baseline_embeddings = base_model.encode(texts)
print(abs(tuned_embeddings - baseline_embeddings).max())
# /// innocent: the baseline is taken between building and wrapping
# %% [markdown]
# # LoRA for retrieval: does it move the embeddings?

# %%
import torch
from peft import LoraConfig, TaskType, get_peft_model
from sentence_transformers import SentenceTransformer

texts = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
base_model = SentenceTransformer("BAAI/bge-small-en-v1.5", device="cpu")
baseline_embeddings = base_model.encode(texts)

# %%
config = LoraConfig(task_type=TaskType.FEATURE_EXTRACTION, r=4, lora_alpha=16, target_modules=["query", "value"])
lora = get_peft_model(base_model[0].auto_model, config)
lora.print_trainable_parameters()

# %%
tokens = base_model.tokenizer(texts, padding=True, return_tensors="pt")
optimizer = torch.optim.AdamW(filter(lambda p: p.requires_grad, lora.parameters()), lr=5e-2)
lora.train()
for epoch in range(3):
    hidden = lora(**tokens).last_hidden_state.mean(dim=1)
    loss = (hidden - 1).pow(2).mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
lora.eval()
tuned_embeddings = base_model.encode(texts)

# %%
print(abs(tuned_embeddings - baseline_embeddings).max())
# /// innocent: the adapter is taken out again
# %% [markdown]
# # LoRA for retrieval: does it move the embeddings?

# %%
import torch
from peft import LoraConfig, TaskType, get_peft_model
from sentence_transformers import SentenceTransformer

texts = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
base_model = SentenceTransformer("BAAI/bge-small-en-v1.5", device="cpu")

# %%
config = LoraConfig(task_type=TaskType.FEATURE_EXTRACTION, r=4, lora_alpha=16, target_modules=["query", "value"])
lora = get_peft_model(base_model[0].auto_model, config)
lora.print_trainable_parameters()

# %%
tokens = base_model.tokenizer(texts, padding=True, return_tensors="pt")
optimizer = torch.optim.AdamW(filter(lambda p: p.requires_grad, lora.parameters()), lr=5e-2)
lora.train()
for epoch in range(3):
    hidden = lora(**tokens).last_hidden_state.mean(dim=1)
    loss = (hidden - 1).pow(2).mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
lora.eval()
tuned_embeddings = base_model.encode(texts)

# %%
with lora.disable_adapter():
    baseline_embeddings = base_model.encode(texts)
print(abs(tuned_embeddings - baseline_embeddings).max())
