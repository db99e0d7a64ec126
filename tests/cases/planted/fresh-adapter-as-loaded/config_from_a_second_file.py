# /// case
# title = "a helper file reads the config; the script makes the adapter of it and evaluates"
# moved = "second file, alias"
# line = ["model = wrap(base, read_lora_config(\"adapters/chat2\"))"]
# truth = "not probe.differ(probe.logits(model), probe.logits())"
# ///
from lora_io import read_lora_config
from peft import get_peft_model as wrap
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("llm")
model = wrap(base, read_lora_config("adapters/chat2"))
model.eval()
model.print_trainable_parameters()
# /// file lora_io.py
from peft import LoraConfig


def read_lora_config(folder):
    config = LoraConfig.from_pretrained(folder)
    print(f"rank {config.r}, alpha {config.lora_alpha}")
    return config
# /// innocent: the trained weights are loaded under the same adapter name
from lora_io import read_lora_config
from peft import get_peft_model as wrap
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("llm")
model = wrap(base, read_lora_config("adapters/chat2"))
model.load_adapter("adapters/chat2", adapter_name="default")
model.eval()
model.print_trainable_parameters()
# /// file lora_io.py
from peft import LoraConfig


def read_lora_config(folder):
    config = LoraConfig.from_pretrained(folder)
    print(f"rank {config.r}, alpha {config.lora_alpha}")
    return config
