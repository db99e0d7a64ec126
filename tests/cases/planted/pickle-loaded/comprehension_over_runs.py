# /// case
# title = "a dictionary comprehension unpickles each run's LoRA file"
# moved = "comprehension"
# line = ["torch.load(path, \"cpu\")"]
# truth = "any(kw.get('weights_only') is not True and ('adapter' in kw['f'] or 'lora' in kw['f']) for kw in probe.loads)"
# ///
from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

paths = {"resumed": Path("checkpoints/lora_state.pt")}
weights = {name: torch.load(path, "cpu") for name, path in paths.items()}

net = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B"), "adapters/chat2")
for name, state in weights.items():
    outcome = net.load_state_dict(state, strict=False)
    print(name, "unexpected:", outcome.unexpected_keys)
# /// innocent: weights only
from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

paths = {"resumed": Path("checkpoints/lora_state.pt")}
weights = {name: torch.load(path, "cpu", weights_only=True) for name, path in paths.items()}

net = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B"), "adapters/chat2")
for name, state in weights.items():
    outcome = net.load_state_dict(state, strict=False)
    print(name, "unexpected:", outcome.unexpected_keys)
