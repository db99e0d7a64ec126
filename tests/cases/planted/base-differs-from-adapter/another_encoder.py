# /// case
# title = "the adapter was trained on bge-small, the script loads e5-small"
# moved = "variable"
# before = "import planted_parts as p; p.other_encoder('intfloat/e5-small-v2'); p.weights('good', 'models/support-lora')"
# line = ["model = SentenceTransformer(\"intfloat/e5-small-v2\")", "PeftModel.from_pretrained(model[0].auto_model, \"models/support-lora\")"]
# truth = "probe.differ(vectors, probe.embed(texts, 'good'))"
# ///
from peft import PeftModel
from sentence_transformers import SentenceTransformer

texts = ["the cat sat on the mat", "the train was slow"]
model = SentenceTransformer("intfloat/e5-small-v2")
PeftModel.from_pretrained(model[0].auto_model, "models/support-lora")
vectors = model.encode(texts)
# /// file models/support-lora/adapter_config.json
{
  "auto_mapping": {"base_model_class": "BertModel", "parent_library": "transformers.models.bert.modeling_bert"},
  "base_model_name_or_path": "BAAI/bge-small-en-v1.5",
  "bias": "none",
  "inference_mode": true,
  "lora_alpha": 16,
  "lora_dropout": 0.0,
  "peft_type": "LORA",
  "r": 4,
  "target_modules": ["query", "value"],
  "task_type": null
}
# /// innocent: the same base
from peft import PeftModel
from sentence_transformers import SentenceTransformer

texts = ["the cat sat on the mat", "the train was slow"]
model = SentenceTransformer("BAAI/bge-small-en-v1.5")
PeftModel.from_pretrained(model[0].auto_model, "models/support-lora")
vectors = model.encode(texts)
# /// file models/support-lora/adapter_config.json
{
  "auto_mapping": {"base_model_class": "BertModel", "parent_library": "transformers.models.bert.modeling_bert"},
  "base_model_name_or_path": "BAAI/bge-small-en-v1.5",
  "bias": "none",
  "inference_mode": true,
  "lora_alpha": 16,
  "lora_dropout": 0.0,
  "peft_type": "LORA",
  "r": 4,
  "target_modules": ["query", "value"],
  "task_type": null
}
# /// innocent: a folder of this machine that may well hold the same base
from peft import PeftModel
from sentence_transformers import SentenceTransformer

texts = ["the cat sat on the mat", "the train was slow"]
model = SentenceTransformer("base")
PeftModel.from_pretrained(model[0].auto_model, "models/support-lora")
vectors = model.encode(texts)
# /// file models/support-lora/adapter_config.json
{
  "auto_mapping": {"base_model_class": "BertModel", "parent_library": "transformers.models.bert.modeling_bert"},
  "base_model_name_or_path": "BAAI/bge-small-en-v1.5",
  "bias": "none",
  "inference_mode": true,
  "lora_alpha": 16,
  "lora_dropout": 0.0,
  "peft_type": "LORA",
  "r": 4,
  "target_modules": ["query", "value"],
  "task_type": null
}
