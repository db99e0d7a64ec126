# /// case
# title = "a helper unloads the adapter, and the script saves the emptied PeftModel"
# moved = "second file"
# file = "memory.py"
# line = ["model.unload()"]
# truth = "len(probe.saved('exports/chat')) == 0"
# ///
from memory import free
from peft import AutoPeftModelForCausalLM

model = AutoPeftModelForCausalLM.from_pretrained("adapters/chat")
print(model.generate(max_new_tokens=3))
free(model)
model.save_pretrained("exports/chat")
# /// file memory.py
import gc


def free(model):
    model.unload()
    gc.collect()
# /// innocent: saved before
from memory import free
from peft import AutoPeftModelForCausalLM

model = AutoPeftModelForCausalLM.from_pretrained("adapters/chat")
print(model.generate(max_new_tokens=3))
model.save_pretrained("exports/chat")
free(model)
# /// file memory.py
import gc


def free(model):
    model.unload()
    gc.collect()
