# /// case
# title = "a new classification head and a LoraConfig that does not name it"
# moved = "variable"
# line = ["config = LoraConfig(r=8, lora_alpha=16, lora_dropout=0.1, target_modules=[\"query\", \"value\"])", "model = get_peft_model(model, config)"]
# before = "from planted_parts import lost_at_reload"
# truth = "lost_at_reload(model, 'base', 'out/sentiment', num_labels=2)"
# ///
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification, AutoTokenizer

CHECKPOINT = "google-bert/bert-base-uncased"
tokenizer = AutoTokenizer.from_pretrained(CHECKPOINT)
model = AutoModelForSequenceClassification.from_pretrained(CHECKPOINT, num_labels=2)

config = LoraConfig(r=8, lora_alpha=16, lora_dropout=0.1, target_modules=["query", "value"])
model = get_peft_model(model, config)
model.print_trainable_parameters()

optimizer = torch.optim.AdamW(filter(lambda p: p.requires_grad, model.parameters()), lr=5e-4)
batch = tokenizer(["the cat sat", "a dog ran"], return_tensors="pt")
for _ in range(3):
    loss = model(**batch, labels=torch.tensor([0, 1])).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
model.save_pretrained("out/sentiment")
# /// innocent: the task type brings the head along
import torch
from peft import LoraConfig, TaskType, get_peft_model
from transformers import AutoModelForSequenceClassification, AutoTokenizer

CHECKPOINT = "google-bert/bert-base-uncased"
tokenizer = AutoTokenizer.from_pretrained(CHECKPOINT)
model = AutoModelForSequenceClassification.from_pretrained(CHECKPOINT, num_labels=2)

config = LoraConfig(
    task_type=TaskType.SEQ_CLS, r=8, lora_alpha=16, lora_dropout=0.1, target_modules=["query", "value"]
)
model = get_peft_model(model, config)
model.print_trainable_parameters()

optimizer = torch.optim.AdamW(filter(lambda p: p.requires_grad, model.parameters()), lr=5e-4)
batch = tokenizer(["the cat sat", "a dog ran"], return_tensors="pt")
for _ in range(3):
    loss = model(**batch, labels=torch.tensor([0, 1])).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
model.save_pretrained("out/sentiment")
# /// innocent: the head is named in modules_to_save
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification, AutoTokenizer

CHECKPOINT = "google-bert/bert-base-uncased"
tokenizer = AutoTokenizer.from_pretrained(CHECKPOINT)
model = AutoModelForSequenceClassification.from_pretrained(CHECKPOINT, num_labels=2)

config = LoraConfig(r=8, lora_alpha=16, target_modules=["query", "value"], modules_to_save=["classifier"])
model = get_peft_model(model, config)

optimizer = torch.optim.AdamW(filter(lambda p: p.requires_grad, model.parameters()), lr=5e-4)
batch = tokenizer(["the cat sat", "a dog ran"], return_tensors="pt")
for _ in range(3):
    loss = model(**batch, labels=torch.tensor([0, 1])).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
model.save_pretrained("out/sentiment")
