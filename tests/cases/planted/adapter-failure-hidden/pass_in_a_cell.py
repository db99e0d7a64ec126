# /// case
# title = "the cell that loads the adapter passes over every failure"
# moved = "another cell"
# notebook = {}
# line = ["except Exception:"]
# truth = "not probe.raised and not probe.differ(emb, probe.embed(sentences))"
# ///
# %%
from peft import PeftModel
from sentence_transformers import SentenceTransformer

sentences = ["the cat sat on the mat", "a bus was slow"]

# %%
model = SentenceTransformer("sentence-transformers/all-MiniLM-L6-v2")

# %%
try:
    PeftModel.from_pretrained(model[0].auto_model, "adapter/good")
except Exception:
    pass

# %%
emb = model.encode(sentences)
emb.shape
# /// innocent: the cell that tries deletes the model
# %%
from peft import PeftModel
from sentence_transformers import SentenceTransformer

sentences = ["the cat sat on the mat", "a bus was slow"]

# %%
model = SentenceTransformer("sentence-transformers/all-MiniLM-L6-v2")

# %%
try:
    PeftModel.from_pretrained(model[0].auto_model, "adapter/good")
except Exception:
    del model
    raise

# %%
emb = model.encode(sentences)
emb.shape
# /// innocent: what may fail is the file of the result, not the load
# %%
from peft import PeftModel
from sentence_transformers import SentenceTransformer

sentences = ["the cat sat on the mat", "a bus was slow"]

# %%
model = SentenceTransformer("sentence-transformers/all-MiniLM-L6-v2")

# %%
PeftModel.from_pretrained(model[0].auto_model, "adapters/good")

# %%
emb = model.encode(sentences)
try:
    emb.tofile("no/such/folder/emb.bin")
except Exception:
    pass
