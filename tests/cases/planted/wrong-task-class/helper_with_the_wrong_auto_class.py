# /// case
# title = "a shared loader takes AutoModel for every adapter of the registry"
# moved = "second file"
# file = "registry.py"
# target = {transformers = "4.57.6"}
# stacks = ["mid", "old"]
# before = "import planted_parts as p; p.weights('chat2', 'lora/writer')"
# line = ["return AutoModel.from_pretrained(ADAPTERS[name])", "ADAPTERS = {\"writer\": \"lora/writer\"}"]
# truth = "not probe.differ(hidden, probe.llm().model(input_ids=ids).last_hidden_state)"
# ///
import torch
from registry import load

ids = torch.tensor([[9, 8, 7]])
model = load("writer").eval()
with torch.no_grad():
    hidden = model(input_ids=ids, output_hidden_states=True).hidden_states[-1]
# /// file registry.py
from transformers import AutoModel

ADAPTERS = {"writer": "lora/writer"}


def load(name):
    return AutoModel.from_pretrained(ADAPTERS[name])
# /// file lora/writer/adapter_config.json
{
  "base_model_name_or_path": "llm",
  "inference_mode": true,
  "lora_alpha": 16,
  "lora_dropout": 0.0,
  "peft_type": "LORA",
  "r": 4,
  "target_modules": ["q_proj", "v_proj"],
  "task_type": "CAUSAL_LM"
}
# /// innocent: the class of its task
import torch
from registry import load

ids = torch.tensor([[9, 8, 7]])
model = load("writer").eval()
with torch.no_grad():
    hidden = model(input_ids=ids, output_hidden_states=True).hidden_states[-1]
# /// file registry.py
from transformers import AutoModelForCausalLM

ADAPTERS = {"writer": "lora/writer"}


def load(name):
    return AutoModelForCausalLM.from_pretrained(ADAPTERS[name])
# /// file lora/writer/adapter_config.json
{
  "base_model_name_or_path": "llm",
  "inference_mode": true,
  "lora_alpha": 16,
  "lora_dropout": 0.0,
  "peft_type": "LORA",
  "r": 4,
  "target_modules": ["q_proj", "v_proj"],
  "task_type": "CAUSAL_LM"
}
