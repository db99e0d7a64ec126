# /// case
# notebook = {}
# expect = "silent"
# ///
# %% [markdown]
# from peft import PeftModel
# from sentence_transformers import SentenceTransformer
# base = SentenceTransformer("base")
# model = PeftModel.from_pretrained(base, "adapters/good")
# %% [raw]
# model = PeftModel.from_pretrained(SentenceTransformer("base"), "adapters/good")
# %%
print("nothing here")
