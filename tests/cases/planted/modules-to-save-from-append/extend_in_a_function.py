# /// case
# title = "extend as the value of modules_to_save in a helper"
# moved = "function, second file"
# file = "config.py"
# line = ["return LoraConfig(r=8, target_modules=[\"q_proj\"], modules_to_save=MODULES.extend(extra), task_type=\"CAUSAL_LM\")"]
# truth = "model.peft_config['default'].modules_to_save is None"
# ///
from config import lora
from peft import get_peft_model
from transformers import AutoModelForCausalLM

model = get_peft_model(AutoModelForCausalLM.from_pretrained("llm"), lora(["lm_head"]))
# /// file config.py
from peft import LoraConfig

MODULES = ["embed_tokens"]


def lora(extra):
    return LoraConfig(r=8, target_modules=["q_proj"], modules_to_save=MODULES.extend(extra), task_type="CAUSAL_LM")
# /// innocent: a new list
from config import lora
from peft import get_peft_model
from transformers import AutoModelForCausalLM

model = get_peft_model(AutoModelForCausalLM.from_pretrained("llm"), lora(["lm_head"]))
# /// file config.py
from peft import LoraConfig

MODULES = ["embed_tokens"]


def lora(extra):
    return LoraConfig(r=8, target_modules=["q_proj"], modules_to_save=[*MODULES, *extra], task_type="CAUSAL_LM")
