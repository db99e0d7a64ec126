# /// case
# title = "AutoPeftModelForCausalLM on an adapter for sequence classification"
# moved = "another cell"
# notebook = {}
# before = "import planted_parts as p; from transformers import AutoModelForSequenceClassification as A; p.adapter(A.from_pretrained('base'), 'adapters/tickets', task_type='SEQ_CLS'); p.weights('tickets', 'lora/ticket-class')"
# truth = "isinstance(probe.raised, ValueError)"
# line = ["model = AutoPeftModelForCausalLM.from_pretrained(path)"]
# ///
# %%
from peft import AutoPeftModelForCausalLM

path = "lora/ticket-class"

# %%
model = AutoPeftModelForCausalLM.from_pretrained(path)
model.eval()
# /// file lora/ticket-class/adapter_config.json
{
  "base_model_name_or_path": "google-bert/bert-base-uncased",
  "inference_mode": true,
  "lora_alpha": 16,
  "modules_to_save": ["classifier", "score"],
  "peft_type": "LORA",
  "r": 4,
  "target_modules": ["query", "value"],
  "task_type": "SEQ_CLS"
}
# /// innocent: the class of its task
# %%
from peft import AutoPeftModelForSequenceClassification

path = "lora/ticket-class"

# %%
model = AutoPeftModelForSequenceClassification.from_pretrained(path)
model.eval()
# /// file lora/ticket-class/adapter_config.json
{
  "base_model_name_or_path": "google-bert/bert-base-uncased",
  "inference_mode": true,
  "lora_alpha": 16,
  "modules_to_save": ["classifier", "score"],
  "peft_type": "LORA",
  "r": 4,
  "target_modules": ["query", "value"],
  "task_type": "SEQ_CLS"
}
# /// innocent: a classifier of transformers, and the adapter around it
# %%
from peft import PeftModel
from transformers import AutoModelForSequenceClassification

path = "lora/ticket-class"

# %%
model = AutoModelForSequenceClassification.from_pretrained("google-bert/bert-base-uncased", num_labels=2)
model = PeftModel.from_pretrained(model, path)
model.eval()
# /// file lora/ticket-class/adapter_config.json
{
  "base_model_name_or_path": "google-bert/bert-base-uncased",
  "inference_mode": true,
  "lora_alpha": 16,
  "modules_to_save": ["classifier", "score"],
  "peft_type": "LORA",
  "r": 4,
  "target_modules": ["query", "value"],
  "task_type": "SEQ_CLS"
}
