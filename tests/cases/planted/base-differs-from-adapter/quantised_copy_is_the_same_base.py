# /// case
# title = "with --big the script takes another model for the same adapter"
# moved = "branch"
# argv = ["--big"]
# before = "import planted_parts as p; p.other_llm('google/gemma-2-2b'); p.weights('chat', 'lora/gemma')"
# line = ["name = \"google/gemma-2-2b\"", "model = AutoModelForCausalLM.from_pretrained(name)", "model = PeftModel.from_pretrained(model, \"lora/gemma\")"]
# truth = "probe.differ(probe.logits(model), probe.logits(adapter='chat'))"
# ///
import sys

from peft import PeftModel
from transformers import AutoModelForCausalLM

name = "Qwen/Qwen2.5-0.5B"
if "--big" in sys.argv:
    name = "google/gemma-2-2b"
    model = AutoModelForCausalLM.from_pretrained(name)
    model = PeftModel.from_pretrained(model, "lora/gemma")
else:
    model = AutoModelForCausalLM.from_pretrained(name)
model.eval()
# /// file lora/gemma/adapter_config.json
{
  "base_model_name_or_path": "Qwen/Qwen2.5-0.5B",
  "inference_mode": true,
  "lora_alpha": 16,
  "peft_type": "LORA",
  "r": 4,
  "target_modules": ["q_proj", "v_proj"],
  "task_type": "CAUSAL_LM"
}
# /// innocent: trained on unsloth's 4-bit copy of the same base
import sys

from peft import PeftModel
from transformers import AutoModelForCausalLM

name = "Qwen/Qwen2.5-0.5B"
model = AutoModelForCausalLM.from_pretrained(name)
if "--big" in sys.argv:
    model = PeftModel.from_pretrained(model, "lora/gemma")
model.eval()
# /// file lora/gemma/adapter_config.json
{
  "base_model_name_or_path": "unsloth/qwen2.5-0.5b-unsloth-bnb-4bit",
  "inference_mode": true,
  "lora_alpha": 16,
  "peft_type": "LORA",
  "r": 4,
  "target_modules": ["q_proj", "v_proj"],
  "task_type": "CAUSAL_LM"
}
