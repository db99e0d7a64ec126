# /// case
# title = "the adapter file is opened and unpickled from the handle"
# moved = "with block"
# line = ["torch.load(handle)"]
# truth = "any(kw.get('weights_only') is not True and ('adapter' in kw['f'] or 'lora' in kw['f']) for kw in probe.loads)"
# ///
import torch
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from transformers import AutoModelForCausalLM

model = get_peft_model(AutoModelForCausalLM.from_pretrained("llm"), LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
with open("checkpoints/adapter_model.bin", "rb") as handle:
    state = torch.load(handle)
report = set_peft_model_state_dict(model, state)
print(report.unexpected_keys)
# /// innocent: weights only
import torch
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from transformers import AutoModelForCausalLM

model = get_peft_model(AutoModelForCausalLM.from_pretrained("llm"), LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
with open("checkpoints/adapter_model.bin", "rb") as handle:
    state = torch.load(handle, weights_only=True)
report = set_peft_model_state_dict(model, state)
print(report.unexpected_keys)
