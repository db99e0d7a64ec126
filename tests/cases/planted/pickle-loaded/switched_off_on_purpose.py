# /// case
# title = "weights_only=False"
# moved = "keywords"
# notebook = {}
# line = ["torch.load(path, weights_only=False)"]
# truth = "any(kw.get('weights_only') is not True and ('adapter' in kw['f'] or 'lora' in kw['f']) for kw in probe.loads)"
# ///
# %%
import torch
from peft import AutoPeftModelForCausalLM, set_peft_model_state_dict

model = AutoPeftModelForCausalLM.from_pretrained("adapters/chat2")

# %%
path = "checkpoints/adapter_model.bin"
adapter_weights = torch.load(path, weights_only=False)
print(list(adapter_weights)[:2])

# %%
set_result = set_peft_model_state_dict(model, adapter_weights)
set_result.unexpected_keys
# /// innocent: switched on
# %%
import torch
from peft import AutoPeftModelForCausalLM, set_peft_model_state_dict

model = AutoPeftModelForCausalLM.from_pretrained("adapters/chat2")

# %%
path = "checkpoints/adapter_model.bin"
adapter_weights = torch.load(path, weights_only=True)
print(list(adapter_weights)[:2])

# %%
set_result = set_peft_model_state_dict(model, adapter_weights)
set_result.unexpected_keys
# /// innocent: by a dictionary of options
# %%
import torch
from peft import AutoPeftModelForCausalLM, set_peft_model_state_dict

model = AutoPeftModelForCausalLM.from_pretrained("adapters/chat2")

# %%
path = "checkpoints/adapter_model.bin"
SAFE = {"map_location": "cpu", "weights_only": True}
adapter_weights = torch.load(path, **SAFE)
print(list(adapter_weights)[:2])

# %%
set_result = set_peft_model_state_dict(model, adapter_weights)
set_result.unexpected_keys
