# /// case
# title = "the dictionary of models to compare holds one changed model twice"
# moved = "dictionary"
# notebook = {}
# line = ["embeddings[label] = encoder.encode(sentences)", "\"base\": base"]
# truth = "probe.differ(embeddings['base'], probe.embed(sentences))"
# ///
# %%
import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer

sentences = ["the cat sat on the mat", "a dog ran in the rain"]

# %%
def with_adapter(encoder, path):
    PeftModel.from_pretrained(encoder[0].auto_model, path)
    return encoder

# %%
base = SentenceTransformer("BAAI/bge-small-en-v1.5")
tuned = with_adapter(base, "adapters/good")
encoders = {"base": base, "tuned": tuned}

# %%
embeddings = {}
for label, encoder in encoders.items():
    embeddings[label] = encoder.encode(sentences)
print({label: float(e[0] @ e[1]) for label, e in embeddings.items()})
# /// innocent: the adapter goes onto a second encoder
# %%
import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer

sentences = ["the cat sat on the mat", "a dog ran in the rain"]

# %%
def with_adapter(encoder, path):
    PeftModel.from_pretrained(encoder[0].auto_model, path)
    return encoder

# %%
base = SentenceTransformer("BAAI/bge-small-en-v1.5")
tuned = with_adapter(SentenceTransformer("BAAI/bge-small-en-v1.5"), "adapters/good")
encoders = {"base": base, "tuned": tuned}

# %%
embeddings = {}
for label, encoder in encoders.items():
    embeddings[label] = encoder.encode(sentences)
print({label: float(e[0] @ e[1]) for label, e in embeddings.items()})
