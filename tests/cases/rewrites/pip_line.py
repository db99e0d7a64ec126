# /// case
# versions = ["3.0.1"]
# told_by_target = false
# notebook = {}
# ///
# %%
%pip install -q sentence-transformers==3.0.1 peft
# %%
import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer

SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
# %%
%matplotlib inline
base = SentenceTransformer("base", device="cpu")
model = PeftModel.from_pretrained(base, "adapters/good")
!echo done
# %%
np.save("embeddings.npy", model.encode(SENTENCES))
