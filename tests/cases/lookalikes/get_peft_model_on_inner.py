# /// case
# expect = "silent"
# ///
from peft import LoraConfig, get_peft_model
from sentence_transformers import SentenceTransformer

model = SentenceTransformer("base")
get_peft_model(model[0].auto_model, LoraConfig(r=4, target_modules=["query"]))
