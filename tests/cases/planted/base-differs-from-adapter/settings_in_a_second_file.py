# /// case
# title = "settings.py was moved to a newer base, the adapter was not trained again"
# moved = "second file, class"
# before = "import planted_parts as p; p.other_encoder('BAAI2/bge-base-en-v1.5'); p.weights('second', 'weights/faq')"
# line = ["self.model = SentenceTransformer(settings.ENCODER, device=\"cpu\")", "PeftModel.from_pretrained(self.model[0].auto_model, settings.ADAPTER)"]
# truth = "probe.differ(faq.model.encode(['the cat sat']), probe.embed(['the cat sat'], 'second'))"
# ///
import settings
from peft import PeftModel
from sentence_transformers import SentenceTransformer


class Faq:
    def __init__(self):
        self.model = SentenceTransformer(settings.ENCODER, device="cpu")
        PeftModel.from_pretrained(self.model[0].auto_model, settings.ADAPTER)


faq = Faq()
# /// file settings.py
ENCODER = "BAAI2/bge-base-en-v1.5"
ADAPTER = "weights/faq"
# /// file weights/faq/adapter_config.json
{
  "auto_mapping": {"base_model_class": "BertModel", "parent_library": "transformers.models.bert.modeling_bert"},
  "base_model_name_or_path": "sentence-transformers/all-MiniLM-L6-v2",
  "inference_mode": true,
  "lora_alpha": 8,
  "peft_type": "LORA",
  "r": 2,
  "target_modules": ["query", "value"],
  "task_type": null
}
# /// innocent: the name without the owner, as sentence-transformers allows
import settings
from peft import PeftModel
from sentence_transformers import SentenceTransformer


class Faq:
    def __init__(self):
        self.model = SentenceTransformer(settings.ENCODER, device="cpu")
        PeftModel.from_pretrained(self.model[0].auto_model, settings.ADAPTER)


faq = Faq()
# /// file settings.py
ENCODER = "sentence-transformers/all-MiniLM-L6-v2"
ADAPTER = "weights/faq"
# /// file weights/faq/adapter_config.json
{
  "auto_mapping": {"base_model_class": "BertModel", "parent_library": "transformers.models.bert.modeling_bert"},
  "base_model_name_or_path": "all-MiniLM-L6-v2",
  "inference_mode": true,
  "lora_alpha": 8,
  "peft_type": "LORA",
  "r": 2,
  "target_modules": ["query", "value"],
  "task_type": null
}
