# /// case
# title = "os.path.exists asks for ADAPTER_DIR, the load takes OLD_ADAPTER_DIR"
# moved = "branch"
# line = ["if os.path.exists(ADAPTER_DIR):", "model = PeftModel.from_pretrained(model, OLD_ADAPTER_DIR)"]
# truth = "not probe.same_lora(model, 'chat2')"
# ///
import os

from peft import PeftModel
from transformers import AutoModelForCausalLM

BASE = "mistralai/Mistral-7B-v0.1"
OLD_ADAPTER_DIR = "adapters/chat"
ADAPTER_DIR = "adapters/chat2"

model = AutoModelForCausalLM.from_pretrained(BASE)
if os.path.exists(ADAPTER_DIR):
    model = PeftModel.from_pretrained(model, OLD_ADAPTER_DIR)
else:
    raise SystemExit(f"no adapter in {ADAPTER_DIR}")
print(model.generate(max_new_tokens=3))
# /// innocent: the guard asks for a file in the folder that is loaded
import os

from peft import PeftModel
from transformers import AutoModelForCausalLM

BASE = "mistralai/Mistral-7B-v0.1"
ADAPTER_DIR = "adapters/chat2"
CONFIG_FILE = os.path.join(ADAPTER_DIR, "adapter_config.json")

model = AutoModelForCausalLM.from_pretrained(BASE)
if os.path.exists(CONFIG_FILE):
    model = PeftModel.from_pretrained(model, ADAPTER_DIR)
else:
    raise SystemExit(f"no adapter in {ADAPTER_DIR}")
print(model.generate(max_new_tokens=3))
