# /// case
# title = "strict=False is given by position to the wrapped model"
# moved = "keywords"
# line = ["model.load_state_dict(lora, False)"]
# truth = "not probe.raised and not probe.same_lora(model, 'chat')"
# ///
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
model = PeftModel.from_pretrained(base, "adapters/chat2", is_trainable=True)

# roll back to the weights before the last epoch
lora = torch.load("checkpoints/adapter_model.bin", map_location="cpu", weights_only=True)
lora = {k: v.float() for k, v in lora.items()}
model.load_state_dict(lora, False)
model.eval()
# /// innocent: the names are what the model has, and the report says so
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
model = PeftModel.from_pretrained(base, "adapters/chat2", is_trainable=True)

# roll back to the weights before the last epoch
lora = torch.load("checkpoints/adapter_model.bin", map_location="cpu", weights_only=True)
lora = {k: v.float() for k, v in lora.items()}
keys = model.load_state_dict({k.replace(".weight", ".default.weight"): v for k, v in lora.items()}, False)
assert not keys.unexpected_keys
model.eval()
