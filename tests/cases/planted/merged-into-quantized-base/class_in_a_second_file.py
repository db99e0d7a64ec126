# /// case
# title = "the base of a second file is quantised; the exporter merges into it"
# moved = "second file, method"
# not_run = "needs bitsandbytes, which the stacks do not have"
# file = "exporter.py"
# line = ["merged = self.model.merge_and_unload()"]
# ///
from exporter import Exporter

Exporter("meta-llama/Llama-3.2-1B", "adapters/chat").export("merged")
# /// file exporter.py
from base import load_quantised
from peft import PeftModel


class Exporter:
    def __init__(self, name, adapter):
        self.model = PeftModel.from_pretrained(load_quantised(name), adapter)

    def export(self, folder):
        merged = self.model.merge_and_unload()
        merged.save_pretrained(folder)
# /// file base.py
import torch
from transformers import AutoModelForCausalLM, BitsAndBytesConfig


def load_quantised(name):
    config = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_compute_dtype=torch.bfloat16)
    return AutoModelForCausalLM.from_pretrained(name, quantization_config=config)
# /// innocent: dequantised before the adapter goes on
from exporter import Exporter

Exporter("meta-llama/Llama-3.2-1B", "adapters/chat").export("merged")
# /// file exporter.py
from base import load_dequantised
from peft import PeftModel


class Exporter:
    def __init__(self, name, adapter):
        self.model = PeftModel.from_pretrained(load_dequantised(name), adapter)

    def export(self, folder):
        merged = self.model.merge_and_unload()
        merged.save_pretrained(folder)
# /// file base.py
import torch
from transformers import AutoModelForCausalLM, BitsAndBytesConfig


def load_dequantised(name):
    config = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_compute_dtype=torch.bfloat16)
    model = AutoModelForCausalLM.from_pretrained(name, quantization_config=config)
    return model.dequantize()
