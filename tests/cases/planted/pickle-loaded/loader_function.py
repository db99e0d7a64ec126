# /// case
# title = "a helper unpickles whatever adapter file it is given"
# moved = "function"
# line = ["return torch.load(path, map_location", "state = read(ADAPTER)"]
# truth = "any(kw.get('weights_only') is not True and ('adapter' in kw['f'] or 'lora' in kw['f']) for kw in probe.loads)"
# ///
import torch
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from transformers import AutoModelForCausalLM

ADAPTER = "adapters/pickled/adapter_model.bin"


def read(path, device="cpu"):
    return torch.load(path, map_location=torch.device(device))


def main():
    model = get_peft_model(AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B"), LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
    state = read(ADAPTER)
    outcome = set_peft_model_state_dict(model, state)
    assert not outcome.unexpected_keys
    return model


main()
# /// innocent: weights only
import torch
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from transformers import AutoModelForCausalLM

ADAPTER = "adapters/pickled/adapter_model.bin"


def read(path, device="cpu"):
    return torch.load(path, map_location=torch.device(device), weights_only=True)


def main():
    model = get_peft_model(AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B"), LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
    state = read(ADAPTER)
    outcome = set_peft_model_state_dict(model, state)
    assert not outcome.unexpected_keys
    return model


main()
# /// innocent: PEFT's own reader
import torch
from peft import LoraConfig, get_peft_model, load_peft_weights, set_peft_model_state_dict
from transformers import AutoModelForCausalLM

ADAPTER = "adapters/pickled/adapter_model.bin"


def read(path, device="cpu"):
    return load_peft_weights(path.rpartition("/")[0], device=device)


def main():
    model = get_peft_model(AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B"), LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
    state = read(ADAPTER)
    outcome = set_peft_model_state_dict(model, state)
    assert not outcome.unexpected_keys
    return model


main()
