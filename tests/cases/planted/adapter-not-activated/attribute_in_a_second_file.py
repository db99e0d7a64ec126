# /// case
# title = "a helper sets an attribute where set_adapter was meant"
# moved = "second file"
# file = "switching.py"
# line = ["model.load_adapter(folder, adapter_name=name)", "model.active_adapter = name"]
# truth = "not probe.differ(probe.logits(model), probe.logits(adapter='chat'))"
# ///
from peft import PeftModel
from switching import add_and_use
from transformers import AutoModelForCausalLM

model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("llm"), "adapters/chat")
add_and_use(model, "adapters/chat2", "support")
model.eval()
print(model.active_adapter)
print(model.generate(max_new_tokens=3).shape)
# /// file switching.py
def add_and_use(model, folder, name):
    model.load_adapter(folder, adapter_name=name)
    model.active_adapter = name
    return model
# /// innocent: the helper activates it
from peft import PeftModel
from switching import add_and_use
from transformers import AutoModelForCausalLM

model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("llm"), "adapters/chat")
add_and_use(model, "adapters/chat2", "support")
model.eval()
print(model.active_adapter)
print(model.generate(max_new_tokens=3).shape)
# /// file switching.py
def add_and_use(model, folder, name):
    model.load_adapter(folder, adapter_name=name)
    model.set_adapter(name)
    return model
