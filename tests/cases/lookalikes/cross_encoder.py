# /// case
# expect = "silent"
# ///
from peft import PeftModel
from sentence_transformers import CrossEncoder, SentenceTransformer

reranker = CrossEncoder("base")
reranker.model = PeftModel.from_pretrained(reranker.model, "adapters/good")
