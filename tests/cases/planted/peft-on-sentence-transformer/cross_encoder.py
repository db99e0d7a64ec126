# /// case
# title = "PeftModel around a CrossEncoder: none of the adapter's keys fits"
# moved = "class of model"
# target = {sentence-transformers = "6.2.0"}
# stacks = ["new", "mid"]
# before = "from planted_parts import *; reranker()"
# line = ["reranker = PeftModel.from_pretrained(model, \"adapters/rerank\")"]
# truth = "not probe.differ(ranking, scores())"
# ///
from peft import PeftModel
from sentence_transformers import CrossEncoder

pairs = [("the cat sat", "a cat slept on the mat"), ("the train was slow", "a dog ran in the rain")]
model = CrossEncoder("cross-encoder/ms-marco-MiniLM-L6-v2", device="cpu")
reranker = PeftModel.from_pretrained(model, "adapters/rerank")
ranking = reranker.predict(pairs)
# /// innocent: around the transformer inside
from peft import PeftModel
from sentence_transformers import CrossEncoder

pairs = [("the cat sat", "a cat slept on the mat"), ("the train was slow", "a dog ran in the rain")]
model = CrossEncoder("cross-encoder/ms-marco-MiniLM-L6-v2", device="cpu")
PeftModel.from_pretrained(model.model, "adapters/rerank")
ranking = model.predict(pairs)
# /// innocent: load_adapter of the transformer inside
from sentence_transformers import CrossEncoder

pairs = [("the cat sat", "a cat slept on the mat"), ("the train was slow", "a dog ran in the rain")]
model = CrossEncoder("cross-encoder/ms-marco-MiniLM-L6-v2", device="cpu")
model.model.load_adapter("adapters/rerank")
ranking = model.predict(pairs)
