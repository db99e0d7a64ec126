# /// case
# notebook = {}
# expect = "silent"
# ///
# %%
from sentence_transformers import SentenceTransformer
from transformers import AutoTokenizer
import peft
# %%
def from_pretrained(model, path):
    model.load_adapter(path)
    return model
# %%
model = from_pretrained(SentenceTransformer("base"), "adapters/good")
tokenizer = AutoTokenizer.from_pretrained("base")
