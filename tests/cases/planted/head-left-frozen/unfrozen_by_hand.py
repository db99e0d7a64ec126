# /// case
# title = "the head is unfrozen by hand and trained, and not saved with the adapter"
# moved = "method"
# line = ["self.model = get_peft_model(model, LoraConfig(r=4, target_modules=[\"query\", \"value\"]))", "self.model.save_pretrained(folder)"]
# truth = "not any('classifier' in name for name in probe.saved('intent')) and not probe.path('intent').joinpath('head.pt').exists()"
# ///
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification


class IntentTrainer:
    def __init__(self, name, labels):
        model = AutoModelForSequenceClassification.from_pretrained(name, num_labels=labels)
        self.model = get_peft_model(model, LoraConfig(r=4, target_modules=["query", "value"]))
        for parameter in self.model.base_model.model.classifier.parameters():
            parameter.requires_grad = True

    def step(self, ids, labels):
        optimizer = torch.optim.AdamW([p for p in self.model.parameters() if p.requires_grad], lr=1e-3)
        self.model(input_ids=ids, labels=labels).loss.backward()
        optimizer.step()

    def save(self, folder):
        self.model.save_pretrained(folder)


trainer = IntentTrainer("google-bert/bert-base-uncased", 3)
trainer.step(torch.tensor([[2, 6, 3], [2, 9, 3]]), torch.tensor([0, 2]))
trainer.save("intent")
# /// innocent: the head is saved beside the adapter
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification


class IntentTrainer:
    def __init__(self, name, labels):
        model = AutoModelForSequenceClassification.from_pretrained(name, num_labels=labels)
        self.model = get_peft_model(model, LoraConfig(r=4, target_modules=["query", "value"]))
        for parameter in self.model.base_model.model.classifier.parameters():
            parameter.requires_grad = True

    def step(self, ids, labels):
        optimizer = torch.optim.AdamW([p for p in self.model.parameters() if p.requires_grad], lr=1e-3)
        self.model(input_ids=ids, labels=labels).loss.backward()
        optimizer.step()

    def save(self, folder):
        self.model.save_pretrained(folder)
        torch.save(self.model.base_model.model.classifier.state_dict(), f"{folder}/head.pt")


trainer = IntentTrainer("google-bert/bert-base-uncased", 3)
trainer.step(torch.tensor([[2, 6, 3], [2, 9, 3]]), torch.tensor([0, 2]))
trainer.save("intent")
# /// innocent: PeftModelForSequenceClassification knows its head
import torch
from peft import LoraConfig, PeftModelForSequenceClassification
from transformers import AutoModelForSequenceClassification


class IntentTrainer:
    def __init__(self, name, labels):
        model = AutoModelForSequenceClassification.from_pretrained(name, num_labels=labels)
        self.model = PeftModelForSequenceClassification(model, LoraConfig(r=4, target_modules=["query", "value"]))

    def step(self, ids, labels):
        optimizer = torch.optim.AdamW([p for p in self.model.parameters() if p.requires_grad], lr=1e-3)
        self.model(input_ids=ids, labels=labels).loss.backward()
        optimizer.step()

    def save(self, folder):
        self.model.save_pretrained(folder)


trainer = IntentTrainer("google-bert/bert-base-uncased", 3)
trainer.step(torch.tensor([[2, 6, 3], [2, 9, 3]]), torch.tensor([0, 2]))
trainer.save("intent")
