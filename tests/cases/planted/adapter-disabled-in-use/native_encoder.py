# /// case
# title = "SentenceTransformer.disable_adapters() before the index is built"
# moved = "function"
# line = ["model.disable_adapters()", "return model.encode(docs)"]
# truth = "not probe.differ(index, probe.embed(docs))"
# ///
from sentence_transformers import SentenceTransformer

docs = ["the car was fast", "the bus was slow", "rain on the mat"]


def build_index(docs):
    model = SentenceTransformer("BAAI/bge-small-en-v1.5", device="cpu")
    model.load_adapter("adapters/good")
    model.disable_adapters()
    return model.encode(docs)


index = build_index(docs)
# /// innocent: enabled again before the index is built
from sentence_transformers import SentenceTransformer

docs = ["the car was fast", "the bus was slow", "rain on the mat"]


def build_index(docs):
    model = SentenceTransformer("BAAI/bge-small-en-v1.5", device="cpu")
    model.load_adapter("adapters/good")
    model.disable_adapters()
    baseline = model.encode(docs)
    model.enable_adapters()
    print("baseline", baseline.mean())
    return model.encode(docs)


index = build_index(docs)
