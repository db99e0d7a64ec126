# /// case
# title = "the loading module rebinds its model to the setter's result and returns it"
# moved = "second file"
# file = "loading.py"
# line = ["model = set_peft_model_state_dict("]
# truth = "bool(probe.raised)"
# ///
import torch

from loading import get_model

model = get_model("meta-llama/Llama-3.2-1B", "adapters/chat/adapter_model.safetensors")
model.eval()
with torch.no_grad():
    print(model(input_ids=torch.tensor([[2, 5, 6]])).logits.shape)
# /// file loading.py
from peft import LoraConfig, TaskType, get_peft_model, set_peft_model_state_dict
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

LORA = LoraConfig(task_type=TaskType.CAUSAL_LM, r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"])


def get_model(name, weights=None):
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(name), LORA)
    if weights is not None:
        model = set_peft_model_state_dict(model, load_file(weights))
    return model
# /// innocent: the module keeps the model
import torch

from loading import get_model

model = get_model("meta-llama/Llama-3.2-1B", "adapters/chat/adapter_model.safetensors")
model.eval()
with torch.no_grad():
    print(model(input_ids=torch.tensor([[2, 5, 6]])).logits.shape)
# /// file loading.py
from peft import LoraConfig, TaskType, get_peft_model, set_peft_model_state_dict
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

LORA = LoraConfig(task_type=TaskType.CAUSAL_LM, r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"])


def get_model(name, weights=None):
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(name), LORA)
    if weights is not None:
        result = set_peft_model_state_dict(model, load_file(weights))
        if result.unexpected_keys:
            raise KeyError(weights)
    return model
