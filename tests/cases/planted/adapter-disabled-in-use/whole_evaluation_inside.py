# /// case
# title = "the tuned model's own evaluation stands inside the block that switches it off"
# moved = "another cell"
# notebook = {}
# line = ["tuned_loss = loss_of(model)", "with model.disable_adapter():"]
# truth = "not probe.differ(tuned_loss, base_loss)"
# ///
# %%
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("TinyLlama/TinyLlama-1.1B-Chat-v1.0")
model = PeftModel.from_pretrained(base, "adapters/chat2").eval()
ids = torch.tensor([[5, 6, 7, 8, 9]])

# %%
@torch.no_grad()
def loss_of(m):
    return m(input_ids=ids, labels=ids).loss.item()

# %%
with model.disable_adapter():
    base_loss = loss_of(model)
    tuned_loss = loss_of(model)
print(base_loss, tuned_loss)
# /// innocent: only the baseline stands inside
# %%
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("TinyLlama/TinyLlama-1.1B-Chat-v1.0")
model = PeftModel.from_pretrained(base, "adapters/chat2").eval()
ids = torch.tensor([[5, 6, 7, 8, 9]])

# %%
@torch.no_grad()
def loss_of(m):
    return m(input_ids=ids, labels=ids).loss.item()

# %%
with model.disable_adapter():
    base_loss = loss_of(model)
tuned_loss = loss_of(model)
print(base_loss, tuned_loss)
