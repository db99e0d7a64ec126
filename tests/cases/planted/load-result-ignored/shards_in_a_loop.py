# /// case
# title = "each shard of the adapter is set without a look at what fits"
# moved = "loop"
# line = ["set_peft_model_state_dict(model, shard)"]
# truth = "not probe.raised and not probe.same_lora(model, 'chat')"
# ///
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from transformers import AutoModelForCausalLM

whole = torch.load("checkpoints/ddp_adapter.pt", weights_only=True)
names = sorted(whole)
Path("shards").mkdir(exist_ok=True)
for rank in (0, 1):
    torch.save({name: whole[name] for name in names[rank::2]}, f"shards/rank{rank}.pt")

config = LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
model = get_peft_model(AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B"), config)
for file in sorted(Path("shards").glob("rank*.pt")):
    shard = torch.load(file, map_location="cpu", weights_only=True)
    set_peft_model_state_dict(model, shard)
# /// innocent: what did not fit is collected over the shards
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from transformers import AutoModelForCausalLM

whole = torch.load("checkpoints/ddp_adapter.pt", weights_only=True)
names = sorted(whole)
Path("shards").mkdir(exist_ok=True)
for rank in (0, 1):
    torch.save({name: whole[name] for name in names[rank::2]}, f"shards/rank{rank}.pt")

config = LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
model = get_peft_model(AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B"), config)
strange = []
for file in sorted(Path("shards").glob("rank*.pt")):
    shard = torch.load(file, map_location="cpu", weights_only=True)
    strange += set_peft_model_state_dict(model, shard).unexpected_keys
if strange:
    raise KeyError(strange[0])
