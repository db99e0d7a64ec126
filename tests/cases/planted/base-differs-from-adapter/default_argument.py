# /// case
# title = "the loader's default base is not the adapter's"
# moved = "function"
# before = "import planted_parts as p; p.other_llm('EleutherAI/pythia-70m'); p.weights('chat2', 'lora/assistant')"
# line = ["def load(adapter, base=\"EleutherAI/pythia-70m\"):", "model = AutoModelForCausalLM.from_pretrained(base)", "return PeftModel.from_pretrained(model, adapter)", "model = load(\"lora/assistant\")"]
# truth = "probe.differ(probe.logits(model), probe.logits(adapter='chat2'))"
# ///
from peft import PeftModel
from transformers import AutoModelForCausalLM


def load(adapter, base="EleutherAI/pythia-70m"):
    model = AutoModelForCausalLM.from_pretrained(base)
    return PeftModel.from_pretrained(model, adapter)


model = load("lora/assistant")
model.eval()
# /// file lora/assistant/adapter_config.json
{
  "base_model_name_or_path": "TinyLlama/TinyLlama-1.1B-Chat-v1.0",
  "inference_mode": true,
  "lora_alpha": 16,
  "peft_type": "LORA",
  "r": 4,
  "target_modules": ["q_proj", "v_proj"],
  "task_type": "CAUSAL_LM"
}
# /// innocent: the caller names the right one
from peft import PeftModel
from transformers import AutoModelForCausalLM


def load(adapter, base="EleutherAI/pythia-70m"):
    model = AutoModelForCausalLM.from_pretrained(base)
    return PeftModel.from_pretrained(model, adapter)


model = load("lora/assistant", base="TinyLlama/TinyLlama-1.1B-Chat-v1.0")
model.eval()
# /// file lora/assistant/adapter_config.json
{
  "base_model_name_or_path": "TinyLlama/TinyLlama-1.1B-Chat-v1.0",
  "inference_mode": true,
  "lora_alpha": 16,
  "peft_type": "LORA",
  "r": 4,
  "target_modules": ["q_proj", "v_proj"],
  "task_type": "CAUSAL_LM"
}
