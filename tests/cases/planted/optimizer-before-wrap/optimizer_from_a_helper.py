# /// case
# title = "make_optimizer of a second file is called on the base"
# moved = "second file, alias"
# line = ["optimizer = make_optimizer(base)", "peft_model = get_peft_model(base, config)"]
# truth = "not any(v.abs().max() > 0 for k, v in peft_model.state_dict().items() if 'lora_B' in k)"
# ///
import torch
from optim import make_optimizer
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification

base = AutoModelForSequenceClassification.from_pretrained("google-bert/bert-base-uncased", num_labels=2)
optimizer = make_optimizer(base)
config = LoraConfig(task_type="SEQ_CLS", r=4, target_modules=["query", "value"])
peft_model = get_peft_model(base, config)
for _ in range(3):
    peft_model(input_ids=torch.tensor([[2, 6, 3]]), labels=torch.tensor([1])).loss.backward()
    optimizer.step()
    optimizer.zero_grad()
# /// file optim.py
import torch


def make_optimizer(model, lr=1e-2):
    decay = [p for p in model.parameters() if p.dim() > 1]
    rest = [p for p in model.parameters() if p.dim() <= 1]
    return torch.optim.AdamW([{"params": decay, "weight_decay": 0.01}, {"params": rest, "weight_decay": 0.0}], lr=lr)
# /// innocent: called on the wrapped model, and the device moves afterwards
import torch
from optim import make_optimizer
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification

base = AutoModelForSequenceClassification.from_pretrained("google-bert/bert-base-uncased", num_labels=2)
config = LoraConfig(task_type="SEQ_CLS", r=4, target_modules=["query", "value"])
peft_model = get_peft_model(base, config)
optimizer = make_optimizer(peft_model)
peft_model.to("cuda" if torch.cuda.is_available() else "cpu")
for _ in range(3):
    peft_model(input_ids=torch.tensor([[2, 6, 3]]), labels=torch.tensor([1])).loss.backward()
    optimizer.step()
    optimizer.zero_grad()
# /// file optim.py
import torch


def make_optimizer(model, lr=1e-2):
    decay = [p for p in model.parameters() if p.dim() > 1]
    rest = [p for p in model.parameters() if p.dim() <= 1]
    return torch.optim.AdamW([{"params": decay, "weight_decay": 0.01}, {"params": rest, "weight_decay": 0.0}], lr=lr)
