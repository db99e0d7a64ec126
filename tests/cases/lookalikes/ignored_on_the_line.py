# /// case
# notebook = {}
# expect = "silent"
# ///
# %%
from peft import PeftModel
from sentence_transformers import SentenceTransformer
# %%
base = SentenceTransformer("base")
shown = PeftModel.from_pretrained(base, "adapters/good")  # adapterlint: ignore[peft-on-sentence-transformer]
