# /// case
# title = "the helper that loads the weights lives in another file and drops the report"
# moved = "second file"
# file = "checkpointing.py"
# line = ["model.load_state_dict(weights, strict=False)"]
# truth = "not probe.raised and not probe.same_lora(model, 'chat')"
# ///
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from checkpointing import load_lora

base = AutoModelForCausalLM.from_pretrained("TinyLlama/TinyLlama-1.1B-Chat-v1.0")
model = get_peft_model(base, LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
load_lora(model, "adapters/chat/adapter_model.safetensors")
# /// file checkpointing.py
from safetensors.torch import load_file


def load_lora(model, path):
    """Put saved LoRA weights into a wrapped model."""
    weights = load_file(path, device="cpu")
    model.load_state_dict(weights, strict=False)
# /// innocent: the helper checks
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from checkpointing import load_lora

base = AutoModelForCausalLM.from_pretrained("TinyLlama/TinyLlama-1.1B-Chat-v1.0")
model = get_peft_model(base, LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
load_lora(model, "adapters/chat/adapter_model.safetensors")
# /// file checkpointing.py
from safetensors.torch import load_file


def load_lora(model, path):
    """Put saved LoRA weights into a wrapped model."""
    weights = load_file(path, device="cpu")
    weights = {key.replace(".weight", ".default.weight"): value for key, value in weights.items()}
    result = model.load_state_dict(weights, strict=False)
    if result.unexpected_keys:
        raise RuntimeError(f"{path}: {len(result.unexpected_keys)} keys do not fit")
