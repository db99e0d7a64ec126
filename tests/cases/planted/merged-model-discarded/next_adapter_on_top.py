# /// case
# title = "the dropped merge stays in the weights, and the next adapter comes on top of it"
# moved = "another cell"
# notebook = {}
# line = ["model.merge_and_unload()"]
# truth = "probe.differ(probe.logits(model), probe.logits(adapter='chat2'), 1e-4)"
# ///
# %%
from peft import PeftModel
from transformers import AutoModelForCausalLM

model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("llm"), "adapters/chat")

# %%
# speed up inference
model.merge_and_unload()
print(model.generate(max_new_tokens=3))

# %%
model.load_adapter("adapters/chat2", adapter_name="second")
model.set_adapter("second")
print(model.generate(max_new_tokens=3))
# /// innocent: merged and unmerged again in place
# %%
from peft import PeftModel
from transformers import AutoModelForCausalLM

model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("llm"), "adapters/chat")

# %%
# speed up inference
model.merge_adapter()
print(model.generate(max_new_tokens=3))
model.unmerge_adapter()

# %%
model.load_adapter("adapters/chat2", adapter_name="second")
model.set_adapter("second")
print(model.generate(max_new_tokens=3))
