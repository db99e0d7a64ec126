# /// case
# expect = "silent"
# ///
from peft import PeftModel
from sentence_transformers import SentenceTransformer
from transformers import PreTrainedModel

model = SentenceTransformer("base")


def with_adapter(model: PreTrainedModel, path: str) -> PeftModel:
    return PeftModel.from_pretrained(model, path)
