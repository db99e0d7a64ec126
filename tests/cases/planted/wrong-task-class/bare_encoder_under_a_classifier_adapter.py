# /// case
# title = "a SEQ_CLS adapter on AutoModel in a class: keys and head find no place"
# moved = "method"
# before = "import planted_parts as p; p.classifier('textattack/bert-base-uncased-SST-2'); from transformers import AutoModelForSequenceClassification as A; p.adapter(A.from_pretrained('textattack/bert-base-uncased-SST-2'), 'lora/sst2', task_type='SEQ_CLS')"
# line = ["self.model = PeftModel.from_pretrained(AutoModel.from_pretrained(base), adapter)"]
# truth = "not probe.differ(features.last_hidden_state, plain)"
# ///
import torch
from peft import PeftModel
from transformers import AutoModel, AutoTokenizer


class Features:
    def __init__(self, base, adapter):
        self.tokenizer = AutoTokenizer.from_pretrained(base)
        self.model = PeftModel.from_pretrained(AutoModel.from_pretrained(base), adapter)
        self.model.eval()

    @torch.no_grad()
    def __call__(self, text):
        return self.model.base_model(**self.tokenizer(text, return_tensors="pt"))


extract = Features("textattack/bert-base-uncased-SST-2", "lora/sst2")
features = extract("the cat sat")
with torch.no_grad():
    plain = AutoModel.from_pretrained("base").eval()(**extract.tokenizer("the cat sat", return_tensors="pt"))[0]
# /// file lora/sst2/adapter_config.json
{
  "base_model_name_or_path": "textattack/bert-base-uncased-SST-2",
  "inference_mode": true,
  "lora_alpha": 16,
  "modules_to_save": ["classifier", "score"],
  "peft_type": "LORA",
  "r": 4,
  "target_modules": ["query", "value"],
  "task_type": "SEQ_CLS"
}
# /// innocent: the classifier, and its encoder's output
import torch
from peft import PeftModel
from transformers import AutoModel, AutoModelForSequenceClassification, AutoTokenizer


class Features:
    def __init__(self, base, adapter):
        self.tokenizer = AutoTokenizer.from_pretrained(base)
        classifier = AutoModelForSequenceClassification.from_pretrained(base)
        self.model = PeftModel.from_pretrained(classifier, adapter)
        self.model.eval()

    @torch.no_grad()
    def __call__(self, text):
        return self.model.get_base_model().bert(**self.tokenizer(text, return_tensors="pt"))


extract = Features("textattack/bert-base-uncased-SST-2", "lora/sst2")
features = extract("the cat sat")
with torch.no_grad():
    plain = AutoModel.from_pretrained("base").eval()(**extract.tokenizer("the cat sat", return_tensors="pt"))[0]
# /// file lora/sst2/adapter_config.json
{
  "base_model_name_or_path": "textattack/bert-base-uncased-SST-2",
  "inference_mode": true,
  "lora_alpha": 16,
  "modules_to_save": ["classifier", "score"],
  "peft_type": "LORA",
  "r": 4,
  "target_modules": ["query", "value"],
  "task_type": "SEQ_CLS"
}
