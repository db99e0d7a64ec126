# /// case
# title = "the shared LoRA settings have no task_type and the token classifier has a new head"
# moved = "second file"
# line = ["model = get_peft_model(model, lora_config())"]
# truth = "not any('classifier' in name for name in probe.saved('ner')) and hasattr(model.get_base_model(), 'classifier')"
# ///
import torch
from lora_settings import lora_config
from peft import get_peft_model
from transformers import AutoModelForTokenClassification

model = AutoModelForTokenClassification.from_pretrained("google-bert/bert-base-uncased", num_labels=7)
model = get_peft_model(model, lora_config())
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-3)
model(input_ids=torch.tensor([[2, 6, 3]]), labels=torch.tensor([[0, 4, 0]])).loss.backward()
optimizer.step()
model.save_pretrained("ner")
# /// file lora_settings.py
from peft import LoraConfig

COMMON = dict(r=8, lora_alpha=16, target_modules=["query", "value"])


def lora_config():
    return LoraConfig(**COMMON)
# /// innocent: the settings name the task
import torch
from lora_settings import lora_config
from peft import get_peft_model
from transformers import AutoModelForTokenClassification

model = AutoModelForTokenClassification.from_pretrained("google-bert/bert-base-uncased", num_labels=7)
model = get_peft_model(model, lora_config())
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-3)
model(input_ids=torch.tensor([[2, 6, 3]]), labels=torch.tensor([[0, 4, 0]])).loss.backward()
optimizer.step()
model.save_pretrained("ner")
# /// file lora_settings.py
from peft import LoraConfig

COMMON = dict(r=8, lora_alpha=16, target_modules=["query", "value"], task_type="TOKEN_CLS")


def lora_config():
    return LoraConfig(**COMMON)
# /// innocent: a language model, whose head is no new one
import torch
from lora_settings import lora_config
from peft import get_peft_model
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("llm")
model = get_peft_model(model, lora_config())
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-3)
model(input_ids=torch.tensor([[2, 6, 3]]), labels=torch.tensor([[2, 6, 3]])).loss.backward()
optimizer.step()
model.save_pretrained("ner")
# /// file lora_settings.py
from peft import LoraConfig

COMMON = dict(r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"])


def lora_config():
    return LoraConfig(**COMMON)
