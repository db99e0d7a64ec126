# /// case
# title = "a second adapter is loaded, and its report takes the model's name"
# moved = "another cell"
# notebook = {}
# line = ["model = model.load_adapter("]
# truth = "bool(probe.raised)"
# ///
# %%
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("llm")
base = AutoModelForCausalLM.from_pretrained("llm")
model = PeftModel.from_pretrained(base, "adapters/chat", adapter_name="chat")

# %%
model = model.load_adapter("adapters/chat2", adapter_name="chat2")

# %%
model.set_adapter("chat2")
out = model(**tokenizer("the cat sat", return_tensors="pt", return_token_type_ids=False))
# /// innocent: the report is a report
# %%
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("llm")
base = AutoModelForCausalLM.from_pretrained("llm")
model = PeftModel.from_pretrained(base, "adapters/chat", adapter_name="chat")

# %%
info = model.load_adapter("adapters/chat2", adapter_name="chat2")

# %%
assert not info.unexpected_keys
model.set_adapter("chat2")
out = model(**tokenizer("the cat sat", return_tensors="pt", return_token_type_ids=False))
# /// innocent: methods that do return the model
# %%
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("llm")
base = AutoModelForCausalLM.from_pretrained("llm")
model = PeftModel.from_pretrained(base, "adapters/chat", adapter_name="chat")

# %%
model.load_adapter("adapters/chat2", adapter_name="chat2")
model = model.to("cpu").float().eval()

# %%
model.set_adapter("chat2")
out = model(**tokenizer("the cat sat", return_tensors="pt", return_token_type_ids=False))
