# /// case
# title = "the checkpoint module unpickles the adapter"
# moved = "second file"
# file = "io_utils.py"
# line = ["torch.load(os.path.join(path"]
# truth = "any(kw.get('weights_only') is not True and ('adapter' in kw['f'] or 'lora' in kw['f']) for kw in probe.loads)"
# ///
from io_utils import load_adapter_state
from peft import PeftModel, set_peft_model_state_dict
from transformers import AutoModelForCausalLM

model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("llm"), "adapters/chat2")
status = set_peft_model_state_dict(model, load_adapter_state("adapters/pickled"))
print(len(status.unexpected_keys), "unexpected keys")
# /// file io_utils.py
import os

import torch


def load_adapter_state(path):
    state = torch.load(os.path.join(path, "adapter_model.bin"), map_location="cpu")
    return {name: tensor.float() for name, tensor in state.items()}
# /// innocent: weights only
from io_utils import load_adapter_state
from peft import PeftModel, set_peft_model_state_dict
from transformers import AutoModelForCausalLM

model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("llm"), "adapters/chat2")
status = set_peft_model_state_dict(model, load_adapter_state("adapters/pickled"))
print(len(status.unexpected_keys), "unexpected keys")
# /// file io_utils.py
import os

import torch


def load_adapter_state(path):
    state = torch.load(os.path.join(path, "adapter_model.bin"), map_location="cpu", weights_only=True)
    return {name: tensor.float() for name, tensor in state.items()}
