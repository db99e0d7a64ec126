# /// case
# title = "load_in_8bit=True in the loader, the merge in another function"
# moved = "function"
# not_run = "needs bitsandbytes, which the stacks do not have; run once apart on a tiny model: the merge rounds to 8 bits and warns"
# target = {transformers = "4.57.6"}
# line = ["return PeftModel.from_pretrained(load_base(), path).merge_and_unload()"]
# ///
from peft import PeftModel
from transformers import AutoModelForCausalLM


def load_base():
    return AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B", load_in_8bit=True, device_map="auto")


def merged(path):
    return PeftModel.from_pretrained(load_base(), path).merge_and_unload()


merged("adapters/chat").save_pretrained("merged")
# /// innocent: 8-bit for inference, not merged
from peft import PeftModel
from transformers import AutoModelForCausalLM


def load_base():
    return AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B", load_in_8bit=True, device_map="auto")


def tuned(path):
    return PeftModel.from_pretrained(load_base(), path).eval()


print(tuned("adapters/chat").generate(max_new_tokens=5))
# /// innocent: the flag is False
from peft import PeftModel
from transformers import AutoModelForCausalLM


def load_base():
    return AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B", load_in_8bit=False, device_map="auto")


def merged(path):
    return PeftModel.from_pretrained(load_base(), path).merge_and_unload()


merged("adapters/chat").save_pretrained("merged")
