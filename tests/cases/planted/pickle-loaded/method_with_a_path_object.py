# /// case
# title = "a method joins the path and unpickles the adapter"
# moved = "method"
# line = ["torch.load(self.folder / "]
# truth = "any(kw.get('weights_only') is not True and ('adapter' in kw['f'] or 'lora' in kw['f']) for kw in probe.loads)"
# ///
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from transformers import AutoModelForCausalLM


class Checkpoint:
    def __init__(self, folder):
        self.folder = Path(folder)

    def weights(self):
        return torch.load(self.folder / "adapter_model.bin")

    def restore(self, model):
        report = set_peft_model_state_dict(model, self.weights())
        if report.unexpected_keys:
            raise KeyError(report.unexpected_keys[0])
        return model


base = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1")
model = Checkpoint("checkpoints").restore(get_peft_model(base, LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")))
# /// innocent: weights only
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from transformers import AutoModelForCausalLM


class Checkpoint:
    def __init__(self, folder):
        self.folder = Path(folder)

    def weights(self):
        return torch.load(self.folder / "adapter_model.bin", weights_only=True)

    def restore(self, model):
        report = set_peft_model_state_dict(model, self.weights())
        if report.unexpected_keys:
            raise KeyError(report.unexpected_keys[0])
        return model


base = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1")
model = Checkpoint("checkpoints").restore(get_peft_model(base, LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")))
