# /// case
# notebook = {}
# expect = "silent"
# ///
# %%
from peft import PeftModel
from sentence_transformers import SentenceTransformer
from transformers import AutoModelForCausalLM
# %%
retriever = SentenceTransformer("base")
base_model = AutoModelForCausalLM.from_pretrained("base", torch_dtype="auto")
model = PeftModel.from_pretrained(base_model, "adapters/good")
