# /// case
# title = "model is rebound to what the setter returns, as PEFT 0.2 allowed"
# moved = "branch"
# line = ["model = set_peft_model_state_dict("]
# truth = "bool(probe.raised) or not callable(getattr(model, 'forward', None))"
# ///
import os

import torch
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from transformers import LlamaForCausalLM

base_model = "meta-llama/Llama-3.2-1B"
resume_from_checkpoint = "checkpoints"

model = LlamaForCausalLM.from_pretrained(base_model)
config = LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], bias="none", task_type="CAUSAL_LM")
model = get_peft_model(model, config)

if resume_from_checkpoint:
    checkpoint_name = os.path.join(resume_from_checkpoint, "adapter_model.bin")
    if os.path.exists(checkpoint_name):
        adapters_weights = torch.load(checkpoint_name, weights_only=True)
        model = set_peft_model_state_dict(model, adapters_weights)
    else:
        print(f"Checkpoint {checkpoint_name} not found")

model.print_trainable_parameters()
# /// innocent: the report has a name of its own
import os

import torch
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from transformers import LlamaForCausalLM

base_model = "meta-llama/Llama-3.2-1B"
resume_from_checkpoint = "checkpoints"

model = LlamaForCausalLM.from_pretrained(base_model)
config = LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], bias="none", task_type="CAUSAL_LM")
model = get_peft_model(model, config)

if resume_from_checkpoint:
    checkpoint_name = os.path.join(resume_from_checkpoint, "adapter_model.bin")
    if os.path.exists(checkpoint_name):
        adapters_weights = torch.load(checkpoint_name, weights_only=True)
        report = set_peft_model_state_dict(model, adapters_weights)
        assert not report.unexpected_keys
    else:
        print(f"Checkpoint {checkpoint_name} not found")

model.print_trainable_parameters()
