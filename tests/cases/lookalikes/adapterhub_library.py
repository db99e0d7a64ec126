# /// case
# notebook = {}
# expect = "silent"
# ///
# %%
import adapters
from sentence_transformers import SentenceTransformer
from adapters import AutoAdapterModel
# %%
retriever = SentenceTransformer("base")
model = AutoAdapterModel.from_pretrained("base")
name = model.load_adapter("adapters/good")
model.set_active_adapters(name)
