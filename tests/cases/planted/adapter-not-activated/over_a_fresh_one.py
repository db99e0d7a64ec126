# /// case
# title = "get_peft_model, then load_adapter under a name of its own: the fresh adapter stays active"
# moved = "another cell"
# notebook = {}
# line = ["peft_model.load_adapter(ADAPTER, \"trained\")"]
# truth = "not probe.differ(vectors, probe.embed(texts))"
# ///
# %%
from peft import LoraConfig, get_peft_model
from sentence_transformers import SentenceTransformer

ADAPTER = "adapters/good"
texts = ["the cat sat on the mat", "a bus in the rain"]

# %%
st = SentenceTransformer("sentence-transformers/all-MiniLM-L6-v2")
peft_model = get_peft_model(st[0].auto_model, LoraConfig(r=4, lora_alpha=16, target_modules=["query", "value"]))

# %%
peft_model.load_adapter(ADAPTER, "trained")

# %%
vectors = st.encode(texts)
# /// innocent: loaded over the fresh one, under its name
# %%
from peft import LoraConfig, get_peft_model
from sentence_transformers import SentenceTransformer

ADAPTER = "adapters/good"
texts = ["the cat sat on the mat", "a bus in the rain"]

# %%
st = SentenceTransformer("sentence-transformers/all-MiniLM-L6-v2")
peft_model = get_peft_model(st[0].auto_model, LoraConfig(r=4, lora_alpha=16, target_modules=["query", "value"]))

# %%
peft_model.load_adapter(ADAPTER, "default")

# %%
vectors = st.encode(texts)
# /// innocent: SentenceTransformer's own load_adapter under a name
# %%
from sentence_transformers import SentenceTransformer

ADAPTER = "adapters/good"
texts = ["the cat sat on the mat", "a bus in the rain"]

# %%
st = SentenceTransformer("sentence-transformers/all-MiniLM-L6-v2")
st.load_adapter(ADAPTER, "trained")

# %%
vectors = st.encode(texts)
