# /// case
# title = "each turn of the loop wraps what the turn before has wrapped"
# moved = "loop"
# line = ["model = PeftModel.from_pretrained(model, path)"]
# truth = "any(probe.differ(results[path], probe.logits(text=prompt, adapter=path)) for path in results)"
# ///
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

name = "meta-llama/Llama-3.2-1B"
prompt = "the cat sat on the mat"
tokenizer = AutoTokenizer.from_pretrained(name)
inputs = tokenizer(prompt, return_tensors="pt")

model = AutoModelForCausalLM.from_pretrained(name)
results = {}
for path in ["adapters/chat", "adapters/chat2"]:
    model = PeftModel.from_pretrained(model, path)
    model.eval()
    with torch.no_grad():
        results[path] = model(input_ids=inputs["input_ids"]).logits
    print(path, results[path].argmax(-1).tolist())
# /// innocent: the base is reloaded in every turn
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

name = "meta-llama/Llama-3.2-1B"
prompt = "the cat sat on the mat"
tokenizer = AutoTokenizer.from_pretrained(name)
inputs = tokenizer(prompt, return_tensors="pt")

model = AutoModelForCausalLM.from_pretrained(name)
results = {}
for path in ["adapters/chat", "adapters/chat2"]:
    model = AutoModelForCausalLM.from_pretrained(name)
    model = PeftModel.from_pretrained(model, path)
    model.eval()
    with torch.no_grad():
        results[path] = model(input_ids=inputs["input_ids"]).logits
    print(path, results[path].argmax(-1).tolist())
# /// innocent: the adapter is taken out at the end of every turn
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

name = "meta-llama/Llama-3.2-1B"
prompt = "the cat sat on the mat"
tokenizer = AutoTokenizer.from_pretrained(name)
inputs = tokenizer(prompt, return_tensors="pt")

model = AutoModelForCausalLM.from_pretrained(name)
results = {}
for path in ["adapters/chat", "adapters/chat2"]:
    model = PeftModel.from_pretrained(model, path)
    model.eval()
    with torch.no_grad():
        results[path] = model(input_ids=inputs["input_ids"]).logits
    print(path, results[path].argmax(-1).tolist())
    model = model.unload()
# /// innocent: further adapters are loaded by name and activated
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

name = "meta-llama/Llama-3.2-1B"
prompt = "the cat sat on the mat"
tokenizer = AutoTokenizer.from_pretrained(name)
inputs = tokenizer(prompt, return_tensors="pt")

model = AutoModelForCausalLM.from_pretrained(name)
results = {}
for path in ["adapters/chat", "adapters/chat2"]:
    if isinstance(model, PeftModel):
        model.load_adapter(path, adapter_name=path.split("/")[-1])
        model.set_adapter(path.split("/")[-1])
    else:
        model = PeftModel.from_pretrained(model, path, adapter_name=path.split("/")[-1])
    model.eval()
    with torch.no_grad():
        results[path] = model(input_ids=inputs["input_ids"]).logits
    print(path, results[path].argmax(-1).tolist())
