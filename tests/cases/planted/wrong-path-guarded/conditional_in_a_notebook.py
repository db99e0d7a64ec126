# /// case
# title = "the conditional expression tests v2 and loads v1"
# moved = "another cell"
# notebook = {}
# line = ["PeftModel.from_pretrained(base, adapter_v1) if os.path.exists(adapter_v2) else base"]
# truth = "not probe.same_lora(model, 'chat2')"
# ///
# %%
import os

from peft import PeftModel
from transformers import AutoModelForCausalLM

adapter_v1 = "adapters/chat"
adapter_v2 = "adapters/chat2"

# %%
base = AutoModelForCausalLM.from_pretrained("TinyLlama/TinyLlama-1.1B-Chat-v1.0")
model = PeftModel.from_pretrained(base, adapter_v1) if os.path.exists(adapter_v2) else base

# %%
model.eval()
print(model.generate(max_new_tokens=3))
# /// innocent: the newer one where it is there, else the older one
# %%
import os

from peft import PeftModel
from transformers import AutoModelForCausalLM

adapter_v1 = "adapters/chat"
adapter_v2 = "adapters/chat2"

# %%
base = AutoModelForCausalLM.from_pretrained("TinyLlama/TinyLlama-1.1B-Chat-v1.0")
model = PeftModel.from_pretrained(base, adapter_v2) if os.path.exists(adapter_v2) else PeftModel.from_pretrained(base, adapter_v1)

# %%
model.eval()
print(model.generate(max_new_tokens=3))
