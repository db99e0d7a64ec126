# /// case
# title = "a second adapter is loaded and the model is used as if it were active"
# moved = "variable"
# line = ["model.load_adapter(\"adapters/chat2\", adapter_name=\"german\")"]
# truth = "not probe.differ(german, english)"
# ///
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("mistralai/Mistral-7B-v0.1")
base = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1")
batch = tokenizer("the cat sat on the mat", return_tensors="pt")["input_ids"]

model = PeftModel.from_pretrained(base, "adapters/chat", adapter_name="english")
with torch.no_grad():
    english = model(input_ids=batch).logits

model.load_adapter("adapters/chat2", adapter_name="german")
with torch.no_grad():
    german = model(input_ids=batch).logits
print((english - german).abs().max())
# /// innocent: switched with set_adapter
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("mistralai/Mistral-7B-v0.1")
base = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1")
batch = tokenizer("the cat sat on the mat", return_tensors="pt")["input_ids"]

model = PeftModel.from_pretrained(base, "adapters/chat", adapter_name="english")
with torch.no_grad():
    english = model(input_ids=batch).logits

model.load_adapter("adapters/chat2", adapter_name="german")
model.set_adapter("german")
with torch.no_grad():
    german = model(input_ids=batch).logits
print((english - german).abs().max())
# /// innocent: load_adapter of transformers, which activates what it loads
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("mistralai/Mistral-7B-v0.1")
model = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1")
batch = tokenizer("the cat sat on the mat", return_tensors="pt")["input_ids"]

model.load_adapter("adapters/chat", adapter_name="english")
with torch.no_grad():
    english = model(input_ids=batch).logits

model.load_adapter("adapters/chat2", adapter_name="german")
with torch.no_grad():
    german = model(input_ids=batch).logits
print((english - german).abs().max())
# /// innocent: adapters named per row of the batch
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("mistralai/Mistral-7B-v0.1")
base = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1")
batch = tokenizer(["the cat sat on the mat"] * 2, return_tensors="pt")["input_ids"]

model = PeftModel.from_pretrained(base, "adapters/chat", adapter_name="english").eval()
model.load_adapter("adapters/chat2", adapter_name="german")
with torch.no_grad():
    english, german = model(input_ids=batch, adapter_names=["english", "german"]).logits
print((english - german).abs().max())
# /// innocent: all loaded first, then one after the other activated
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

ADAPTERS = {"english": "adapters/chat", "german": "adapters/chat2"}
tokenizer = AutoTokenizer.from_pretrained("mistralai/Mistral-7B-v0.1")
base = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1")
batch = tokenizer("the cat sat on the mat", return_tensors="pt")["input_ids"]

model = PeftModel.from_pretrained(base, ADAPTERS["english"], adapter_name="english")
for name, path in ADAPTERS.items():
    if name != "english":
        model.load_adapter(path, adapter_name=name)
logits = {}
for name in ADAPTERS:
    model.set_adapter(name)
    with torch.no_grad():
        logits[name] = model(input_ids=batch).logits
english, german = logits["english"], logits["german"]
