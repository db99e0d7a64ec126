# /// case
# title = "a helper of a second file wraps the CrossEncoder that it is annotated with"
# moved = "second file, annotated parameter"
# file = "rerank_util.py"
# target = {sentence-transformers = "6.2.0"}
# before = "from planted_parts import *; reranker()"
# line = ["return PeftModel.from_pretrained(model, path)"]
# truth = "not probe.differ(ranking, scores())"
# ///
from rerank_util import adapted
from sentence_transformers import CrossEncoder

pairs = [("the cat sat", "a cat slept on the mat"), ("the train was slow", "a dog ran in the rain")]
ranking = adapted(CrossEncoder("cross-encoder/ms-marco-MiniLM-L6-v2", device="cpu"), "adapters/rerank").predict(pairs)
# /// file rerank_util.py
from peft import PeftModel
from sentence_transformers import CrossEncoder


def adapted(model: CrossEncoder, path: str):
    return PeftModel.from_pretrained(model, path)
# /// innocent: the CrossEncoder's own load_adapter, which 6.2 has
from rerank_util import adapted
from sentence_transformers import CrossEncoder

pairs = [("the cat sat", "a cat slept on the mat"), ("the train was slow", "a dog ran in the rain")]
ranking = adapted(CrossEncoder("cross-encoder/ms-marco-MiniLM-L6-v2", device="cpu"), "adapters/rerank").predict(pairs)
# /// file rerank_util.py
from sentence_transformers import CrossEncoder


def adapted(model: CrossEncoder, path: str):
    model.load_adapter(path)
    return model
