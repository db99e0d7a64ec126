# /// case
# title = "the base of another size in a constant three cells above"
# moved = "another cell"
# notebook = {}
# before = "import planted_parts as p; p.other_llm('HuggingFaceTB/SmolLM2-135M'); p.weights('chat', 'runs/chat-lora')"
# line = ["BASE_MODEL = \"HuggingFaceTB/SmolLM2-135M\"", "base = AutoModelForCausalLM.from_pretrained(BASE_MODEL)", "model = PeftModel.from_pretrained(base, ADAPTER)"]
# truth = "probe.differ(probe.logits(model), probe.logits(adapter='chat'))"
# ///
# %%
BASE_MODEL = "HuggingFaceTB/SmolLM2-135M"
ADAPTER = "runs/chat-lora"

# %%
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

# %%
base = AutoModelForCausalLM.from_pretrained(BASE_MODEL)
tokenizer = AutoTokenizer.from_pretrained(BASE_MODEL)

# %%
model = PeftModel.from_pretrained(base, ADAPTER)
model.eval()
# /// file runs/chat-lora/adapter_config.json
{
  "base_model_name_or_path": "Qwen/Qwen2.5-0.5B",
  "inference_mode": true,
  "lora_alpha": 16,
  "peft_type": "LORA",
  "r": 4,
  "target_modules": ["q_proj", "v_proj"],
  "task_type": "CAUSAL_LM"
}
# /// innocent: the base is read from the adapter
# %%
ADAPTER = "runs/chat-lora"

# %%
from peft import PeftConfig, PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

# %%
config = PeftConfig.from_pretrained(ADAPTER)
base = AutoModelForCausalLM.from_pretrained(config.base_model_name_or_path)
tokenizer = AutoTokenizer.from_pretrained(config.base_model_name_or_path)

# %%
model = PeftModel.from_pretrained(base, ADAPTER)
model.eval()
# /// file runs/chat-lora/adapter_config.json
{
  "base_model_name_or_path": "Qwen/Qwen2.5-0.5B",
  "inference_mode": true,
  "lora_alpha": 16,
  "peft_type": "LORA",
  "r": 4,
  "target_modules": ["q_proj", "v_proj"],
  "task_type": "CAUSAL_LM"
}
