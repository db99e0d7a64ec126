# /// case
# title = "the function returns the base if model_path is missing, and loads adapter_path"
# moved = "function"
# line = ["if not os.path.isdir(candidate):", "return PeftModel.from_pretrained(model, current)"]
# truth = "not probe.same_lora(model, 'chat2')"
# ///
import os

from peft import PeftModel
from transformers import AutoModelForCausalLM


def load_model(base, current, candidate):
    model = AutoModelForCausalLM.from_pretrained(base)
    if not os.path.isdir(candidate):
        print("no candidate, using the base")
        return model
    return PeftModel.from_pretrained(model, current)


model = load_model("llm", current="adapters/chat", candidate="adapters/chat2")
# /// innocent: another path is looked at for another reason
import os

from peft import PeftModel
from transformers import AutoModelForCausalLM


def load_model(base, current, log_dir):
    model = AutoModelForCausalLM.from_pretrained(base)
    if not os.path.isdir(log_dir):
        os.makedirs(log_dir)
    return PeftModel.from_pretrained(model, current)


model = load_model("llm", current="adapters/chat2", log_dir="logs")
