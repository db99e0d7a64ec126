# ST with losses
import torch
from peft import LoraConfig

from sentence_transformers import SentenceTransformer, losses
st=SentenceTransformer("x/y")
st.add_adapter(LoraConfig(r=4))
opt=torch.optim.AdamW(st.parameters())
loss_fn=losses.CosineSimilarityLoss(st)
for f,l in loader:
    loss_fn(f,l).backward(); opt.step()
print(st.encode(["a"]))
