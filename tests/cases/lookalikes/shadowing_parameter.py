# /// case
# expect = "silent"
# ///
from peft import PeftModel
from sentence_transformers import SentenceTransformer
from transformers import AutoModel

model = SentenceTransformer("base")


def with_adapter(model, path):
    return PeftModel.from_pretrained(model, path)


tuned = with_adapter(AutoModel.from_pretrained("base"), "adapters/good")
print(model.encode(["the cat"]))
