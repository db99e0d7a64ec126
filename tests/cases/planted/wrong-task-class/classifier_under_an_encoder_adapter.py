# /// case
# title = "an adapter trained on the bare BertModel goes around BertForSequenceClassification"
# moved = "function"
# before = "import planted_parts as p; p.classifier('textattack/bert-base-uncased-SST-2'); p.weights('good', 'lora/encoder')"
# line = ["model = PeftModel.from_pretrained(model, \"lora/encoder\")"]
# truth = "not probe.differ(model.get_base_model().bert(input_ids=ids).last_hidden_state, AutoModel.from_pretrained('base').eval()(input_ids=ids).last_hidden_state)"
# ///
import torch
from peft import PeftModel
from transformers import AutoModel, AutoModelForSequenceClassification

ids = torch.tensor([[2, 6, 7, 8, 3]])


def load_scorer(name):
    model = AutoModelForSequenceClassification.from_pretrained(name)
    model = PeftModel.from_pretrained(model, "lora/encoder")
    return model.eval()


model = load_scorer("textattack/bert-base-uncased-SST-2")
print(model(input_ids=ids).logits)
# /// file lora/encoder/adapter_config.json
{
  "auto_mapping": {"base_model_class": "BertModel", "parent_library": "transformers.models.bert.modeling_bert"},
  "base_model_name_or_path": "base",
  "inference_mode": true,
  "lora_alpha": 16,
  "peft_type": "LORA",
  "r": 4,
  "target_modules": ["query", "value"],
  "task_type": null
}
# /// innocent: around the encoder inside
import torch
from peft import PeftModel
from transformers import AutoModel, AutoModelForSequenceClassification

ids = torch.tensor([[2, 6, 7, 8, 3]])


def load_scorer(name):
    model = AutoModelForSequenceClassification.from_pretrained(name)
    PeftModel.from_pretrained(model.bert, "lora/encoder")
    model.get_base_model = lambda: model
    return model.eval()


model = load_scorer("textattack/bert-base-uncased-SST-2")
print(model(input_ids=ids).logits)
# /// file lora/encoder/adapter_config.json
{
  "auto_mapping": {"base_model_class": "BertModel", "parent_library": "transformers.models.bert.modeling_bert"},
  "base_model_name_or_path": "textattack/bert-base-uncased-SST-2",
  "inference_mode": true,
  "lora_alpha": 16,
  "peft_type": "LORA",
  "r": 4,
  "target_modules": ["query", "value"],
  "task_type": null
}
