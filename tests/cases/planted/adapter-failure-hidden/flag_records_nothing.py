# /// case
# title = "the except of a native load_adapter sets a flag that nobody reads and goes on"
# moved = "alias"
# line = ["except BaseException"]
# truth = "not probe.raised and not probe.differ(vectors, probe.embed(queries))"
# ///
from sentence_transformers import SentenceTransformer

queries = ["a dog slept under the car", "the train was fast"]


def get_model(path=None):
    st = SentenceTransformer("sentence-transformers/all-MiniLM-L6-v2", device="cpu")
    attach = st.load_adapter
    adapted = False
    if path:
        try:
            attach(path)
            adapted = True
        except BaseException:
            adapted = False
    return st


vectors = get_model("adapters/gooood").encode(queries)
# /// innocent: the model is returned with what it is, and the caller refuses the base
from sentence_transformers import SentenceTransformer

queries = ["a dog slept under the car", "the train was fast"]


def get_model(path=None):
    st = SentenceTransformer("sentence-transformers/all-MiniLM-L6-v2", device="cpu")
    attach = st.load_adapter
    adapted = False
    if path:
        try:
            attach(path)
            adapted = True
        except BaseException:
            adapted = False
    return st, adapted


model, adapted = get_model("adapters/gooood")
if not adapted:
    raise SystemExit("adapters/gooood was not loaded")
vectors = model.encode(queries)
