# /// case
# title = "config in one cell, get_peft_model on the inner transformer in another, then the evaluation"
# moved = "another cell"
# notebook = {}
# line = ["tuned = get_peft_model(model[0].auto_model, peft_config)"]
# truth = "not probe.differ(embeddings, probe.embed(sentences))"
# ///
# %%
from peft import PeftConfig, get_peft_model
from sentence_transformers import SentenceTransformer

ADAPTER_DIR = "adapters/good"
sentences = ["the cat sat on the mat", "the car was fast"]

# %%
peft_config = PeftConfig.from_pretrained(ADAPTER_DIR)
print(peft_config.r, peft_config.target_modules)

# %%
model = SentenceTransformer("BAAI/bge-small-en-v1.5")
tuned = get_peft_model(model[0].auto_model, peft_config)
tuned.eval()

# %%
embeddings = model.encode(sentences)
print(embeddings @ embeddings.T)
# /// innocent: the weights are put in after it
# %%
from peft import PeftConfig, get_peft_model, set_peft_model_state_dict
from safetensors.torch import load_file
from sentence_transformers import SentenceTransformer

ADAPTER_DIR = "adapters/good"
sentences = ["the cat sat on the mat", "the car was fast"]

# %%
peft_config = PeftConfig.from_pretrained(ADAPTER_DIR)
print(peft_config.r, peft_config.target_modules)

# %%
model = SentenceTransformer("BAAI/bge-small-en-v1.5")
tuned = get_peft_model(model[0].auto_model, peft_config)
report = set_peft_model_state_dict(tuned, load_file(f"{ADAPTER_DIR}/adapter_model.safetensors"))
assert not report.unexpected_keys
tuned.eval()

# %%
embeddings = model.encode(sentences)
print(embeddings @ embeddings.T)
