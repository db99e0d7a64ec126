# /// case
# title = "the wrap of the helper is dropped because only its first result is kept"
# moved = "tuple, function"
# line = ["model, _ = build(\"llm\", \"adapters/chat\")"]
# truth = "not probe.differ(probe.logits(model), probe.logits())"
# ///
from peft import PeftModel
from transformers import AutoModelForCausalLM


def build(name, adapter):
    base = AutoModelForCausalLM.from_pretrained(name)
    tuned = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(name), adapter)
    return base, tuned


model, _ = build("llm", "adapters/chat")
model.eval()
print(model.generate(max_new_tokens=3))
# /// innocent: both are kept
from peft import PeftModel
from transformers import AutoModelForCausalLM


def build(name, adapter):
    base = AutoModelForCausalLM.from_pretrained(name)
    tuned = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(name), adapter)
    return base, tuned


base, model = build("llm", "adapters/chat")
model.eval()
print(base.generate(max_new_tokens=3), model.generate(max_new_tokens=3))
