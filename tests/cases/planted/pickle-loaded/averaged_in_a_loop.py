# /// case
# title = "the adapters that are averaged are unpickled one after the other"
# moved = "loop"
# line = ["states.append(torch.load("]
# truth = "any(kw.get('weights_only') is not True and ('adapter' in kw['f'] or 'lora' in kw['f']) for kw in probe.loads)"
# ///
import torch
from peft import AutoPeftModelForCausalLM, set_peft_model_state_dict

files = ["checkpoints/adapter_model.bin", "adapters/pickled/adapter_model.bin"]
states = []
for file in files:
    states.append(torch.load(file, map_location="cpu"))
mean = {key: sum(state[key] for state in states) / len(states) for key in states[0]}

model = AutoPeftModelForCausalLM.from_pretrained("adapters/chat2")
report = set_peft_model_state_dict(model, mean)
assert not report.unexpected_keys
model.save_pretrained("souped")
# /// innocent: weights only
import torch
from peft import AutoPeftModelForCausalLM, set_peft_model_state_dict

files = ["checkpoints/adapter_model.bin", "adapters/pickled/adapter_model.bin"]
states = []
for file in files:
    states.append(torch.load(file, map_location="cpu", weights_only=True))
mean = {key: sum(state[key] for state in states) / len(states) for key in states[0]}

model = AutoPeftModelForCausalLM.from_pretrained("adapters/chat2")
report = set_peft_model_state_dict(model, mean)
assert not report.unexpected_keys
model.save_pretrained("souped")
