# /// case
# title = "notebook: trained further with a loop, then evaluated without eval()"
# moved = "another cell"
# notebook = {}
# before = "import planted_parts; planted_parts.with_dropout('chat')"
# line = ["after = [loss_of(\"the bus was slow\") for _ in range(3)]", "model = AutoPeftModelForCausalLM.from_pretrained(\"adapters/chat\", is_trainable=True)", "return model(input_ids=ids, labels=ids).loss.item()"]
# truth = "len({round(loss, 6) for loss in after}) > 1"
# ///
# %%
import torch
from peft import AutoPeftModelForCausalLM
from transformers import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("llm")
model = AutoPeftModelForCausalLM.from_pretrained("adapters/chat", is_trainable=True)

# %%
optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=1e-3)
for text in ["the bus was fast", "the car was slow"]:
    ids = tokenizer(text, return_tensors="pt")["input_ids"]
    model(input_ids=ids, labels=ids).loss.backward()
    optimizer.step()
    optimizer.zero_grad()

# %% [markdown]
# ### Evaluation

# %%
@torch.no_grad()
def loss_of(text):
    ids = tokenizer(text, return_tensors="pt")["input_ids"]
    return model(input_ids=ids, labels=ids).loss.item()


after = [loss_of("the bus was slow") for _ in range(3)]
# /// innocent: eval() in the cell above the evaluation
# %%
import torch
from peft import AutoPeftModelForCausalLM
from transformers import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("llm")
model = AutoPeftModelForCausalLM.from_pretrained("adapters/chat", is_trainable=True)

# %%
optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=1e-3)
for text in ["the bus was fast", "the car was slow"]:
    ids = tokenizer(text, return_tensors="pt")["input_ids"]
    model(input_ids=ids, labels=ids).loss.backward()
    optimizer.step()
    optimizer.zero_grad()

# %%
model.eval()

# %%
@torch.no_grad()
def loss_of(text):
    ids = tokenizer(text, return_tensors="pt")["input_ids"]
    return model(input_ids=ids, labels=ids).loss.item()


after = [loss_of("the bus was slow") for _ in range(3)]
# /// innocent: merged after the training: nothing with dropout is left
# %%
import torch
from peft import AutoPeftModelForCausalLM
from transformers import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("llm")
model = AutoPeftModelForCausalLM.from_pretrained("adapters/chat", is_trainable=True)

# %%
optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=1e-3)
for text in ["the bus was fast", "the car was slow"]:
    ids = tokenizer(text, return_tensors="pt")["input_ids"]
    model(input_ids=ids, labels=ids).loss.backward()
    optimizer.step()
    optimizer.zero_grad()
model = model.merge_and_unload()

# %%
@torch.no_grad()
def loss_of(text):
    ids = tokenizer(text, return_tensors="pt")["input_ids"]
    return model(input_ids=ids, labels=ids).loss.item()


after = [loss_of("the bus was slow") for _ in range(3)]
