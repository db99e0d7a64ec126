# /// case
# title = "a model merged out of another transformer is assigned to auto_model and never used"
# moved = "another cell"
# notebook = {}
# target = {sentence-transformers = "6.2.0"}
# line = ["module.auto_model = merged"]
# truth = "probe.differ(embeddings, probe.embed(docs, 'good'), 1e-4)"
# ///
# %%
from peft import PeftModel
from sentence_transformers import SentenceTransformer
from transformers import AutoModel

docs = ["the bus was slow", "the sun sat on the mat"]
base_name = "sentence-transformers/all-MiniLM-L6-v2"

# %%
backbone = AutoModel.from_pretrained(base_name)
merged = PeftModel.from_pretrained(backbone, "adapters/good").merge_and_unload()

# %%
st = SentenceTransformer(base_name)
module = st._first_module()
module.auto_model = merged

# %%
embeddings = st.encode(docs)
# /// innocent: merged out of the SentenceTransformer's own transformer, then assigned back
# %%
from peft import PeftModel
from sentence_transformers import SentenceTransformer

docs = ["the bus was slow", "the sun sat on the mat"]
base_name = "sentence-transformers/all-MiniLM-L6-v2"

# %%
st = SentenceTransformer(base_name)
module = st._first_module()
merged = PeftModel.from_pretrained(module.auto_model, "adapters/good").merge_and_unload()

# %%
module.auto_model = merged

# %%
embeddings = st.encode(docs)
