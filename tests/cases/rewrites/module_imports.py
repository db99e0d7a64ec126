# /// case
# versions = ["6.2.0", "5.3.0"]
# ///
import numpy
import peft
import sentence_transformers as st

SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]

base = st.SentenceTransformer("base", device="cpu")
model = peft.PeftModel.from_pretrained(base, "adapters/good")
numpy.save("embeddings.npy", model.encode(SENTENCES))
