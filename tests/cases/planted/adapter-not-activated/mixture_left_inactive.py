# /// case
# title = "a weighted mixture is added and evaluated, the first adapter answers"
# moved = "branch"
# line = ["model.add_weighted_adapter([\"default\", \"other\"], [0.5, 0.5], adapter_name=\"mix\")", "model.load_adapter(\"adapters/chat2\", \"other\")"]
# truth = "not probe.differ(probe.logits(model), probe.logits(adapter='chat'))"
# ///
from peft import PeftModel
from transformers import AutoModelForCausalLM

MIX = True

model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("llm"), "adapters/chat")
if MIX:
    model.load_adapter("adapters/chat2", "other")
    model.add_weighted_adapter(["default", "other"], [0.5, 0.5], adapter_name="mix")
model.eval()
print(model.generate(max_new_tokens=3))
# /// innocent: the mixture is activated
from peft import PeftModel
from transformers import AutoModelForCausalLM

MIX = True

model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("llm"), "adapters/chat")
if MIX:
    model.load_adapter("adapters/chat2", "other")
    model.add_weighted_adapter(["default", "other"], [0.5, 0.5], adapter_name="mix")
    model.set_adapter("mix")
model.eval()
print(model.generate(max_new_tokens=3))
