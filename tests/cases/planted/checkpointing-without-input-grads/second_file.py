# /// case
# title = "the helper that saves memory is called on the wrapped model"
# moved = "second file"
# file = "memory.py"
# target = {transformers = "4.57.6"}
# stacks = ["mid"]
# line = ["model.gradient_checkpointing_enable()"]
# truth = "not any(v.abs().max() > 0 for k, v in model.state_dict().items() if 'lora_B' in k)"
# ///
import torch
from memory import save_memory
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification

model = AutoModelForSequenceClassification.from_pretrained("google-bert/bert-base-uncased", num_labels=3)
model = get_peft_model(model, LoraConfig(task_type="SEQ_CLS", r=4, target_modules=["query", "value"]))
save_memory(model)
model.train()
optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1)
model(input_ids=torch.tensor([[2, 6, 3]]), labels=torch.tensor([1])).loss.backward()
optimizer.step()
# /// file memory.py
def save_memory(model):
    model.gradient_checkpointing_enable()
    return model
# /// innocent: called before the wrap
import torch
from memory import save_memory
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification

model = AutoModelForSequenceClassification.from_pretrained("google-bert/bert-base-uncased", num_labels=3)
save_memory(model)
model = get_peft_model(model, LoraConfig(task_type="SEQ_CLS", r=4, target_modules=["query", "value"]))
model.train()
optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1)
model(input_ids=torch.tensor([[2, 6, 3]]), labels=torch.tensor([1])).loss.backward()
optimizer.step()
# /// file memory.py
def save_memory(model):
    model.gradient_checkpointing_enable()
    return model
