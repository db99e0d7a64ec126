# /// case
# title = "a later cell puts a fresh LoRA around the inner model that already carries one"
# moved = "another cell"
# notebook = {}
# line = ["lora = get_peft_model(model[0].auto_model, config)"]
# truth = "not probe.differ(start, probe.embed(texts))"
# ///
# %%
from peft import LoraConfig, PeftModel, get_peft_model
from sentence_transformers import SentenceTransformer

texts = ["the cat sat on the mat", "a dog ran in the rain"]

# %%
model = SentenceTransformer("BAAI/bge-small-en-v1.5")
stage1 = PeftModel.from_pretrained(model[0].auto_model, "adapters/good")
after_stage1 = model.encode(texts)

# %% [markdown]
# Stage 2 goes on from here with a smaller rank.

# %%
config = LoraConfig(r=2, lora_alpha=4, target_modules=["query", "value"])
lora = get_peft_model(model[0].auto_model, config)
lora.print_trainable_parameters()

# %%
start = model.encode(texts)
# /// innocent: stage 1 is merged before stage 2
# %%
from peft import LoraConfig, PeftModel, get_peft_model
from sentence_transformers import SentenceTransformer

texts = ["the cat sat on the mat", "a dog ran in the rain"]

# %%
model = SentenceTransformer("BAAI/bge-small-en-v1.5")
stage1 = PeftModel.from_pretrained(model[0].auto_model, "adapters/good")
after_stage1 = model.encode(texts)

# %% [markdown]
# Stage 2 goes on from here with a smaller rank.

# %%
stage1.merge_and_unload()
config = LoraConfig(r=2, lora_alpha=4, target_modules=["query", "value"])
lora = get_peft_model(model[0].auto_model, config)
lora.print_trainable_parameters()

# %%
start = model.encode(texts)
