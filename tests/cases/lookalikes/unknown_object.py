# /// case
# notebook = {}
# expect = "silent"
# ///
# %%
from helpers import load_encoder
from peft import PeftModel
from sentence_transformers import SentenceTransformer
# %%
encoder = load_encoder("base")
model = PeftModel.from_pretrained(encoder, "adapters/good")
