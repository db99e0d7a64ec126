# /// case
# title = "FEATURE_EXTRACTION for a model with a new head: the head stays as it fell"
# moved = "another cell"
# notebook = {}
# line = ["peft_config = LoraConfig(task_type=TaskType.FEATURE_EXTRACTION, r=4, target_modules=[\"query\", \"value\"])", "model = get_peft_model(model, peft_config)"]
# before = "from planted_parts import lost_at_reload"
# truth = "lost_at_reload(model, 'base', 'topic-lora', num_labels=5)"
# ///
# %%
from peft import LoraConfig, TaskType, get_peft_model
from transformers import AutoModelForSequenceClassification

model = AutoModelForSequenceClassification.from_pretrained("google-bert/bert-base-uncased", num_labels=5)

# %%
peft_config = LoraConfig(task_type=TaskType.FEATURE_EXTRACTION, r=4, target_modules=["query", "value"])

# %%
model = get_peft_model(model, peft_config)

# %%
import torch

optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-3)
ids = torch.tensor([[2, 6, 7, 3], [2, 8, 9, 3]])
model.base_model(input_ids=ids, labels=torch.tensor([0, 4])).loss.backward()
optimizer.step()

# %%
model.save_pretrained("topic-lora")
# /// innocent: the task as a string, of tokens or of sequences
# %%
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification

model = AutoModelForSequenceClassification.from_pretrained("google-bert/bert-base-uncased", num_labels=5)

# %%
peft_config = LoraConfig(task_type="SEQ_CLS", r=4, target_modules=["query", "value"])

# %%
model = get_peft_model(model, peft_config)

# %%
import torch

optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-3)
ids = torch.tensor([[2, 6, 7, 3], [2, 8, 9, 3]])
model.base_model(input_ids=ids, labels=torch.tensor([0, 4])).loss.backward()
optimizer.step()

# %%
model.save_pretrained("topic-lora")
