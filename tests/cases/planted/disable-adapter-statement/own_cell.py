# /// case
# title = "a cell of its own is meant to switch the adapter off"
# moved = "another cell"
# notebook = {}
# line = ["peft_model.disable_adapter()"]
# truth = "not probe.differ(without, probe.embed(texts, 'good'))"
# ///
# %%
from peft import PeftModel
from sentence_transformers import SentenceTransformer

texts = ["the cat sat on the mat", "a dog ran in the rain"]
st = SentenceTransformer("BAAI/bge-small-en-v1.5")
peft_model = PeftModel.from_pretrained(st[0].auto_model, "adapters/good")

# %%
with_adapter = st.encode(texts)

# %%
peft_model.disable_adapter()

# %%
without = st.encode(texts)
# /// innocent: the layers are switched, and switched back
# %%
from peft import PeftModel
from sentence_transformers import SentenceTransformer

texts = ["the cat sat on the mat", "a dog ran in the rain"]
st = SentenceTransformer("BAAI/bge-small-en-v1.5")
peft_model = PeftModel.from_pretrained(st[0].auto_model, "adapters/good")

# %%
with_adapter = st.encode(texts)

# %%
peft_model.base_model.disable_adapter_layers()

# %%
without = st.encode(texts)

# %%
peft_model.base_model.enable_adapter_layers()
# /// innocent: kept open by an ExitStack
# %%
from contextlib import ExitStack

from peft import PeftModel
from sentence_transformers import SentenceTransformer

texts = ["the cat sat on the mat", "a dog ran in the rain"]
st = SentenceTransformer("BAAI/bge-small-en-v1.5")
peft_model = PeftModel.from_pretrained(st[0].auto_model, "adapters/good")

# %%
with_adapter = st.encode(texts)

# %%
with ExitStack() as stack:
    stack.enter_context(peft_model.disable_adapter())
    without = st.encode(texts)
