# /// case
# title = "the report is bound to a name that nobody reads"
# moved = "alias"
# line = ["_ = set_peft_model_state_dict("]
# truth = "not probe.raised and not probe.same_lora(model, 'chat')"
# ///
import torch
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from transformers import AutoModelForCausalLM

model = get_peft_model(
    AutoModelForCausalLM.from_pretrained("llm"),
    LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"),
)
adapter_weights = torch.load("checkpoints/ddp_adapter.pt", weights_only=True)
_ = set_peft_model_state_dict(model, adapter_weights)
model.eval()
# /// innocent: bound and read
import torch
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from transformers import AutoModelForCausalLM

model = get_peft_model(
    AutoModelForCausalLM.from_pretrained("llm"),
    LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"),
)
adapter_weights = torch.load("checkpoints/ddp_adapter.pt", weights_only=True)
load_result = set_peft_model_state_dict(model, adapter_weights)
print("unexpected:", load_result.unexpected_keys)
if load_result.unexpected_keys:
    raise SystemExit(1)
model.eval()
