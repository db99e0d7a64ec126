# /// case
# versions = ["6.2.0", "3.0.1"]
# notebook = {}
# ///
# %%
import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer

SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
# %%
größe = "😀😀"; modèle = SentenceTransformer("base", device="cpu")
print("→ 模型", größe); 模型 = PeftModel.from_pretrained(modèle, "adapters/good")  # 完成 😀
# %%
np.save("embeddings.npy", 模型.encode(SENTENCES))
