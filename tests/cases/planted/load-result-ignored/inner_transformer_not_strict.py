# /// case
# title = "adapter weights are poured into the bare transformer with strict=False"
# moved = "another cell"
# notebook = {}
# line = ["load_state_dict(adapter, strict=False)"]
# truth = "not probe.raised and not probe.differ(encoder.encode(texts), probe.embed(texts))"
# ///
# %%
from safetensors.torch import load_file
from sentence_transformers import SentenceTransformer

texts = ["the cat sat on the mat", "a dog ran in the rain"]
encoder = SentenceTransformer("BAAI/bge-small-en-v1.5", device="cpu")

# %%
adapter = load_file("adapters/good/adapter_model.safetensors")
encoder[0].auto_model.load_state_dict(adapter, strict=False)

# %%
print(encoder.encode(texts)[:, :4])
# /// innocent: PEFT loads it
# %%
from peft import PeftModel
from sentence_transformers import SentenceTransformer

texts = ["the cat sat on the mat", "a dog ran in the rain"]
encoder = SentenceTransformer("BAAI/bge-small-en-v1.5", device="cpu")

# %%
adapter = PeftModel.from_pretrained(encoder[0].auto_model, "adapters/good")

# %%
print(encoder.encode(texts)[:, :4])
# /// innocent: strict, as is the default: it raises
# %%
from safetensors.torch import load_file
from sentence_transformers import SentenceTransformer

texts = ["the cat sat on the mat", "a dog ran in the rain"]
encoder = SentenceTransformer("BAAI/bge-small-en-v1.5", device="cpu")

# %%
adapter = load_file("adapters/good/adapter_model.safetensors")
encoder[0].auto_model.load_state_dict(adapter)

# %%
print(encoder.encode(texts)[:, :4])
