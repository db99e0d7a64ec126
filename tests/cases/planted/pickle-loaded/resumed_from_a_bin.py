# /// case
# title = "adapter_model.bin is unpickled to resume"
# moved = "branch"
# line = ["weights = torch.load(checkpoint"]
# truth = "any(kw.get('weights_only') is not True and ('adapter' in kw['f'] or 'lora' in kw['f']) for kw in probe.loads)"
# ///
import os

import torch
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from transformers import AutoModelForCausalLM

resume_from_checkpoint = "checkpoints"
model = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
model = get_peft_model(model, LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))

checkpoint = os.path.join(resume_from_checkpoint, "adapter_model.bin")
if os.path.exists(checkpoint):
    weights = torch.load(checkpoint, map_location="cpu")
    result = set_peft_model_state_dict(model, weights)
    print("unexpected keys:", result.unexpected_keys)
# /// innocent: weights only
import os

import torch
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from transformers import AutoModelForCausalLM

resume_from_checkpoint = "checkpoints"
model = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
model = get_peft_model(model, LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))

checkpoint = os.path.join(resume_from_checkpoint, "adapter_model.bin")
if os.path.exists(checkpoint):
    weights = torch.load(checkpoint, map_location="cpu", weights_only=True)
    result = set_peft_model_state_dict(model, weights)
    print("unexpected keys:", result.unexpected_keys)
# /// innocent: the optimiser's state is pickled, the adapter is not
import os

import torch
from peft import AutoPeftModelForCausalLM

torch.save({"step": 12, "lr": 1e-4}, "optimizer.pt")

model = AutoPeftModelForCausalLM.from_pretrained("adapters/chat", is_trainable=True)
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad])
state = torch.load("optimizer.pt", map_location="cpu")
for group in optimizer.param_groups:
    group["lr"] = state["lr"]
