# /// case
# title = "AutoModel on the folder of a causal adapter: before transformers 5 its keys are not found"
# moved = "variable"
# target = {transformers = "4.57.6"}
# stacks = ["mid", "old"]
# before = "import planted_parts as p; p.weights('chat', 'lora/chat')"
# line = ["model = AutoModel.from_pretrained(\"lora/chat\")"]
# truth = "not probe.differ(hidden, probe.llm().model(input_ids=ids).last_hidden_state)"
# ///
import torch
from transformers import AutoModel

ids = torch.tensor([[5, 6, 7, 8]])
model = AutoModel.from_pretrained("lora/chat")
model.eval()
with torch.no_grad():
    hidden = model(input_ids=ids).last_hidden_state
# /// file lora/chat/adapter_config.json
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
# /// innocent: the class the adapter was trained with
import torch
from transformers import AutoModelForCausalLM

ids = torch.tensor([[5, 6, 7, 8]])
model = AutoModelForCausalLM.from_pretrained("lora/chat")
model.eval()
with torch.no_grad():
    hidden = model(input_ids=ids, output_hidden_states=True).hidden_states[-1]
# /// file lora/chat/adapter_config.json
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
