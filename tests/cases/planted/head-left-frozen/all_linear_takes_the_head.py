# /// case
# title = "all-linear without a task puts LoRA on the random head, whose own weights are not saved"
# moved = "function, branch"
# line = ["config = LoraConfig(r=4, target_modules=\"all-linear\")", "return get_peft_model(model, config)"]
# before = "import planted_parts; planted_parts.classifier('textattack/bert-base-uncased-SST-2'); from planted_parts import lost_at_reload"
# truth = "lost_at_reload(model, CHECKPOINT, 'adapters/cls', **GIVEN)"
# ///
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification

CHECKPOINT = "google-bert/bert-base-uncased"
GIVEN = {"num_labels": 3}
WIDE = True


def build():
    model = AutoModelForSequenceClassification.from_pretrained(CHECKPOINT, num_labels=3)
    if WIDE:
        config = LoraConfig(r=4, target_modules="all-linear")
    else:
        config = LoraConfig(r=4, target_modules=["query", "value"], task_type="SEQ_CLS")
    return get_peft_model(model, config)


model = build()
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-2)
model(input_ids=torch.tensor([[2, 6, 3]]), labels=torch.tensor([1])).loss.backward()
optimizer.step()
model.save_pretrained("adapters/cls")
# /// innocent: the checkpoint brings a trained head
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification

CHECKPOINT = "textattack/bert-base-uncased-SST-2"
GIVEN = {}


def build():
    model = AutoModelForSequenceClassification.from_pretrained("textattack/bert-base-uncased-SST-2")
    config = LoraConfig(r=4, target_modules="all-linear")
    return get_peft_model(model, config)


model = build()
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-2)
model(input_ids=torch.tensor([[2, 6, 3]]), labels=torch.tensor([1])).loss.backward()
optimizer.step()
model.save_pretrained("adapters/cls")
