# /// case
# title = "a deep copy is wrapped, and the untouched model is evaluated as the tuned one"
# moved = "another cell"
# notebook = {}
# line = ["tuned = PeftModel.from_pretrained(copy.deepcopy(model), \"adapters/chat\")"]
# truth = "not probe.differ(tuned_logits, probe.logits(text='the bus was fast'))"
# ///
# %%
import copy

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("meta-llama/Llama-3.2-1B")
model = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")

# %%
# keep the original intact
tuned = PeftModel.from_pretrained(copy.deepcopy(model), "adapters/chat")

# %%
ids = tokenizer("the bus was fast", return_tensors="pt")["input_ids"]
with torch.no_grad():
    tuned_logits = model(input_ids=ids).logits
print(tuned_logits.argmax(-1))
# /// innocent: both are used, the copy as the tuned one
# %%
import copy

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("meta-llama/Llama-3.2-1B")
model = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")

# %%
# keep the original intact
tuned = PeftModel.from_pretrained(copy.deepcopy(model), "adapters/chat")

# %%
ids = tokenizer("the bus was fast", return_tensors="pt")["input_ids"]
with torch.no_grad():
    base_logits = model(input_ids=ids).logits
    tuned_logits = tuned(input_ids=ids).logits
print((base_logits.argmax(-1) != tuned_logits.argmax(-1)).sum())
