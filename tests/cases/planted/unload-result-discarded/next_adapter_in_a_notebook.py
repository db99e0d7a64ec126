# /// case
# title = "the adapter is unloaded in one cell, the PeftModel wrapped with the next one in another"
# moved = "another cell"
# notebook = {}
# line = ["model.unload()"]
# truth = "not probe.differ(probe.logits(model), probe.logits())"
# ///
# %%
from peft import PeftModel
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("llm")
model = PeftModel.from_pretrained(model, "adapters/chat")

# %%
model.eval()
print(model.generate(max_new_tokens=3))

# %%
# back to the base, then the second adapter
model.unload()

# %%
model = PeftModel.from_pretrained(model, "adapters/chat2")
model.eval()
print(model.generate(max_new_tokens=3))
# /// innocent: the result is the model that is wrapped next
# %%
from peft import PeftModel
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("llm")
model = PeftModel.from_pretrained(model, "adapters/chat")

# %%
model.eval()
print(model.generate(max_new_tokens=3))

# %%
# back to the base, then the second adapter
model = model.unload()

# %%
model = PeftModel.from_pretrained(model, "adapters/chat2")
model.eval()
print(model.generate(max_new_tokens=3))
