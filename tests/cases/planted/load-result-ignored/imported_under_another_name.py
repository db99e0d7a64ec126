# /// case
# title = "the setter has another name here, and its report is dropped"
# moved = "alias"
# line = ["put_weights(model, "]
# truth = "not probe.raised and not probe.same_lora(model, 'chat')"
# ///
import torch
from peft import LoraConfig, get_peft_model
from peft.utils import set_peft_model_state_dict as put_weights
from transformers import AutoModelForCausalLM

def main():
    lora = LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
    model = get_peft_model(AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B"), lora)
    put_weights(model, torch.load("checkpoints/ddp_adapter.pt", map_location="cpu", weights_only=True), adapter_name="default")
    return model


model = main()
# /// innocent: the report decides
import torch
from peft import LoraConfig, get_peft_model
from peft.utils import set_peft_model_state_dict as put_weights
from transformers import AutoModelForCausalLM

def main():
    lora = LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
    model = get_peft_model(AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B"), lora)
    if put_weights(model, torch.load("checkpoints/ddp_adapter.pt", map_location="cpu", weights_only=True), adapter_name="default").unexpected_keys:
        raise ValueError("the checkpoint has other names")
    return model


model = main()
