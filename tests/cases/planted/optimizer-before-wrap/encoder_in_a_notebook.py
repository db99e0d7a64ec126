# /// case
# title = "the optimizer of a SentenceTransformer stands a cell above get_peft_model"
# moved = "another cell"
# notebook = {}
# line = ["optimizer = AdamW(st.parameters(), lr=5e-3)", "get_peft_model(st[0].auto_model, LoraConfig(r=4, target_modules=[\"query\", \"value\"]))"]
# truth = "not any(v.abs().max() > 0 for k, v in st.state_dict().items() if 'lora_B' in k)"
# ///
# %%
from peft import LoraConfig, get_peft_model
from sentence_transformers import SentenceTransformer
from torch.optim import AdamW

st = SentenceTransformer("BAAI/bge-small-en-v1.5")
texts = ["the cat sat on the mat", "a dog ran in the rain"]

# %%
optimizer = AdamW(st.parameters(), lr=5e-3)

# %%
get_peft_model(st[0].auto_model, LoraConfig(r=4, target_modules=["query", "value"]))
sum(p.numel() for p in st.parameters() if p.requires_grad)

# %%
st.train()
for _ in range(3):
    loss = (st(st.preprocess(texts))["sentence_embedding"] - 1).pow(2).mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
# /// innocent: the new parameters are added to it
# %%
from peft import LoraConfig, get_peft_model
from sentence_transformers import SentenceTransformer
from torch.optim import AdamW

st = SentenceTransformer("BAAI/bge-small-en-v1.5")
texts = ["the cat sat on the mat", "a dog ran in the rain"]

# %%
optimizer = AdamW(st.parameters(), lr=5e-3)

# %%
get_peft_model(st[0].auto_model, LoraConfig(r=4, target_modules=["query", "value"]))
optimizer.add_param_group({"params": [p for n, p in st.named_parameters() if "lora_" in n]})

# %%
st.train()
for _ in range(3):
    loss = (st(st.preprocess(texts))["sentence_embedding"] - 1).pow(2).mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
