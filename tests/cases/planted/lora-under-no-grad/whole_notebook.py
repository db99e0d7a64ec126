# /// case
# title = "a cell switches gradients off for the baseline and nothing switches them on: the training raises"
# moved = "another cell"
# notebook = {}
# line = ["torch.set_grad_enabled(False)", "loss.backward()", "loss = model(input_ids=ids, labels=ids).loss"]
# truth = "probe.raised is not None"
# ///
# %%
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("llm")
ids = torch.tensor([[5, 6, 7, 8]])

# %%
torch.set_grad_enabled(False)
print("before:", model(input_ids=ids, labels=ids).loss.item())

# %%
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=1e-2)

# %%
for _ in range(3):
    loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
# /// innocent: switched on again
# %%
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("llm")
ids = torch.tensor([[5, 6, 7, 8]])

# %%
torch.set_grad_enabled(False)
print("before:", model(input_ids=ids, labels=ids).loss.item())
torch.set_grad_enabled(True)

# %%
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=1e-2)

# %%
for _ in range(3):
    loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
