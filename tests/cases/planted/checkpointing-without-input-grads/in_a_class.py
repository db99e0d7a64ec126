# /// case
# title = "a training class enables checkpointing after it has wrapped its model"
# moved = "method"
# target = {transformers = "4.57.6"}
# stacks = ["mid"]
# line = ["self.model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={\"use_reentrant\": True})"]
# truth = "not any(v.abs().max() > 0 for k, v in job.model.state_dict().items() if 'lora_B' in k)"
# ///
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForTokenClassification


class Job:
    def __init__(self, name, save_memory=True):
        model = AutoModelForTokenClassification.from_pretrained(name, num_labels=5)
        self.model = get_peft_model(model, LoraConfig(task_type="TOKEN_CLS", r=4, target_modules=["query", "value"]))
        if save_memory:
            self.model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": True})

    def fit(self, ids, labels, steps=3):
        self.model.train()
        optimizer = torch.optim.AdamW((p for p in self.model.parameters() if p.requires_grad), lr=1e-2)
        for _ in range(steps):
            self.model(input_ids=ids, labels=labels).loss.backward()
            optimizer.step()
            optimizer.zero_grad()


job = Job("google-bert/bert-base-uncased")
job.fit(torch.tensor([[2, 6, 7, 3]]), torch.tensor([[0, 1, 2, 0]]))
# /// innocent: the inputs require gradients before it
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForTokenClassification


class Job:
    def __init__(self, name, save_memory=True):
        model = AutoModelForTokenClassification.from_pretrained(name, num_labels=5)
        self.model = get_peft_model(model, LoraConfig(task_type="TOKEN_CLS", r=4, target_modules=["query", "value"]))
        if save_memory:
            self.model.enable_input_require_grads()
            self.model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": True})

    def fit(self, ids, labels, steps=3):
        self.model.train()
        optimizer = torch.optim.AdamW((p for p in self.model.parameters() if p.requires_grad), lr=1e-2)
        for _ in range(steps):
            self.model(input_ids=ids, labels=labels).loss.backward()
            optimizer.step()
            optimizer.zero_grad()


job = Job("google-bert/bert-base-uncased")
job.fit(torch.tensor([[2, 6, 7, 3]]), torch.tensor([[0, 1, 2, 0]]))
