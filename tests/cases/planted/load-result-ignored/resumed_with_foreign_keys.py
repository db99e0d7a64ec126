# /// case
# title = "the checkpoint of a DDP run is set and nobody looks at what did not fit"
# moved = "branch"
# line = ["set_peft_model_state_dict(model, weights)"]
# truth = "not probe.raised and not probe.same_lora(model, 'chat')"
# ///
import os

import torch
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from transformers import AutoModelForCausalLM

resume_from_checkpoint = "checkpoints/ddp_adapter.pt"

model = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
config = LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
model = get_peft_model(model, config)

if resume_from_checkpoint and os.path.exists(resume_from_checkpoint):
    print(f"Restarting from {resume_from_checkpoint}")
    weights = torch.load(resume_from_checkpoint, map_location="cpu", weights_only=True)
    set_peft_model_state_dict(model, weights)
else:
    print("no checkpoint found")
model.print_trainable_parameters()
# /// innocent: what did not fit is an error
import os

import torch
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from transformers import AutoModelForCausalLM

resume_from_checkpoint = "checkpoints/ddp_adapter.pt"

model = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
config = LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
model = get_peft_model(model, config)

if resume_from_checkpoint and os.path.exists(resume_from_checkpoint):
    print(f"Restarting from {resume_from_checkpoint}")
    weights = torch.load(resume_from_checkpoint, map_location="cpu", weights_only=True)
    outcome = set_peft_model_state_dict(model, weights)
    if outcome.unexpected_keys:
        raise ValueError(f"not in the model: {outcome.unexpected_keys[:3]}")
else:
    print("no checkpoint found")
model.print_trainable_parameters()
# /// innocent: the report is printed, the prefix taken off
import os

import torch
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from transformers import AutoModelForCausalLM

resume_from_checkpoint = "checkpoints/ddp_adapter.pt"

model = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
config = LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
model = get_peft_model(model, config)

if resume_from_checkpoint and os.path.exists(resume_from_checkpoint):
    print(f"Restarting from {resume_from_checkpoint}")
    weights = torch.load(resume_from_checkpoint, map_location="cpu", weights_only=True)
    weights = {key.removeprefix("module."): value for key, value in weights.items()}
    print(set_peft_model_state_dict(model, weights))
else:
    print("no checkpoint found")
model.print_trainable_parameters()
