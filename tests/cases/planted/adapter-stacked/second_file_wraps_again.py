# /// case
# title = "the training script wraps a model that its loading module had wrapped"
# moved = "second file"
# line = ["model = get_peft_model(load_model()"]
# truth = "not probe.same_lora(model, 'chat')"
# ///
import torch
from peft import LoraConfig, get_peft_model

from modeling import load_model

config = LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], lora_dropout=0.05, task_type="CAUSAL_LM")
model = get_peft_model(load_model(), config)
model.print_trainable_parameters()
# /// file modeling.py
from peft import PeftModel
from transformers import AutoModelForCausalLM


def load_model(base="mistralai/Mistral-7B-v0.1", adapter="adapters/chat"):
    model = AutoModelForCausalLM.from_pretrained(base)
    model = PeftModel.from_pretrained(model, adapter)
    model.config.use_cache = False
    return model
# /// innocent: a soft prompt is tuned on top of the LoRA
import torch
from peft import PromptTuningConfig, get_peft_model

from modeling import load_model

config = PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=4)
model = get_peft_model(load_model(), config)
model.print_trainable_parameters()
# /// file modeling.py
from peft import PeftModel
from transformers import AutoModelForCausalLM


def load_model(base="mistralai/Mistral-7B-v0.1", adapter="adapters/chat"):
    model = AutoModelForCausalLM.from_pretrained(base)
    model = PeftModel.from_pretrained(model, adapter)
    model.config.use_cache = False
    return model
# /// innocent: the module returns the adapter as it is

from modeling import load_model

model = load_model()
model.print_trainable_parameters()
# /// file modeling.py
from peft import PeftModel
from transformers import AutoModelForCausalLM


def load_model(base="mistralai/Mistral-7B-v0.1", adapter="adapters/chat"):
    model = AutoModelForCausalLM.from_pretrained(base)
    model = PeftModel.from_pretrained(model, adapter)
    model.config.use_cache = False
    return model
