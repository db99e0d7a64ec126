# /// case
# title = "a conditional expression gives either the model or the report"
# moved = "conditional expression"
# line = ["set_peft_model_state_dict(model, load_file(path)) if path else model"]
# truth = "bool(probe.raised)"
# argv = ["adapters/chat/adapter_model.safetensors"]
# ///
import sys

import torch
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

path = sys.argv[1] if len(sys.argv) > 1 else None
model = get_peft_model(
    AutoModelForCausalLM.from_pretrained("TinyLlama/TinyLlama-1.1B-Chat-v1.0"),
    LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"),
)
model = set_peft_model_state_dict(model, load_file(path)) if path else model
model.eval()
print(model(input_ids=torch.tensor([[2, 5, 6]])).logits.shape)
# /// innocent: the conditional gives a report or none
import sys

import torch
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

path = sys.argv[1] if len(sys.argv) > 1 else None
model = get_peft_model(
    AutoModelForCausalLM.from_pretrained("TinyLlama/TinyLlama-1.1B-Chat-v1.0"),
    LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"),
)
report = set_peft_model_state_dict(model, load_file(path)) if path else None
assert report is None or not report.unexpected_keys
model.eval()
print(model(input_ids=torch.tensor([[2, 5, 6]])).logits.shape)
