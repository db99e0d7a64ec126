# /// case
# title = "the branch for old adapters unpickles them"
# moved = "conditional expression"
# line = ["torch.load(file)"]
# truth = "any(kw.get('weights_only') is not True and ('adapter' in kw['f'] or 'lora' in kw['f']) for kw in probe.loads)"
# ///
from pathlib import Path

import torch
from peft import AutoPeftModelForCausalLM, set_peft_model_state_dict
from safetensors.torch import load_file

folder = Path("adapters/pickled")
file = folder / "adapter_model.safetensors"
if not file.exists():
    file = folder / "adapter_model.bin"
state = load_file(file) if file.suffix == ".safetensors" else torch.load(file)

model = AutoPeftModelForCausalLM.from_pretrained("adapters/chat2")
result = set_peft_model_state_dict(model, state)
if result.unexpected_keys:
    raise SystemExit("these weights are of another adapter")
# /// innocent: weights only
from pathlib import Path

import torch
from peft import AutoPeftModelForCausalLM, set_peft_model_state_dict
from safetensors.torch import load_file

folder = Path("adapters/pickled")
file = folder / "adapter_model.safetensors"
if not file.exists():
    file = folder / "adapter_model.bin"
state = load_file(file) if file.suffix == ".safetensors" else torch.load(file, weights_only=True)

model = AutoPeftModelForCausalLM.from_pretrained("adapters/chat2")
result = set_peft_model_state_dict(model, state)
if result.unexpected_keys:
    raise SystemExit("these weights are of another adapter")
# /// innocent: only safetensors are read
from pathlib import Path

from peft import AutoPeftModelForCausalLM, set_peft_model_state_dict
from safetensors.torch import load_file

folder = Path("adapters/chat")
file = folder / "adapter_model.safetensors"
state = load_file(file)

model = AutoPeftModelForCausalLM.from_pretrained("adapters/chat2")
result = set_peft_model_state_dict(model, state)
if result.unexpected_keys:
    raise SystemExit("these weights are of another adapter")
