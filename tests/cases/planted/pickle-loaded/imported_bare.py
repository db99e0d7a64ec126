# /// case
# title = "`from torch import load` unpickles the LoRA state"
# moved = "alias"
# line = ["lora = load(\"checkpoints/lora_state.pt\")"]
# truth = "any(kw.get('weights_only') is not True and ('adapter' in kw['f'] or 'lora' in kw['f']) for kw in probe.loads)"
# ///
from peft import PeftModel
from torch import load
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("TinyLlama/TinyLlama-1.1B-Chat-v1.0")
model = PeftModel.from_pretrained(base, "adapters/chat2")
lora = load("checkpoints/lora_state.pt")
missing, unexpected = model.load_state_dict(lora, strict=False)
assert not unexpected
# /// innocent: weights only
from peft import PeftModel
from torch import load
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("TinyLlama/TinyLlama-1.1B-Chat-v1.0")
model = PeftModel.from_pretrained(base, "adapters/chat2")
lora = load("checkpoints/lora_state.pt", weights_only=True)
missing, unexpected = model.load_state_dict(lora, strict=False)
assert not unexpected
# /// innocent: json.load and safetensors
from json import load

from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("TinyLlama/TinyLlama-1.1B-Chat-v1.0")
with open("adapters/chat2/adapter_config.json") as file:
    rank = load(file)["r"]
model = PeftModel.from_pretrained(base, "adapters/chat2")
lora = load_file("adapters/chat2/adapter_model.safetensors")
print(rank, sum(tensor.numel() for tensor in lora.values()))
