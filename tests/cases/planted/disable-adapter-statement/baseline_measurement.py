# /// case
# title = "disable_adapter() called as a statement: the baseline is measured with the adapter on"
# moved = "variable"
# line = ["model.disable_adapter()"]
# truth = "not probe.differ(baseline, tuned)"
# ///
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("llm")
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("llm"), "adapters/chat")
ids = tokenizer("the cat sat on the mat", return_tensors="pt")["input_ids"]

with torch.no_grad():
    tuned = model(input_ids=ids, labels=ids).loss
    model.disable_adapter()
    baseline = model(input_ids=ids, labels=ids).loss
print(f"loss {baseline:.3f} -> {tuned:.3f}")
# /// innocent: entered
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("llm")
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("llm"), "adapters/chat")
ids = tokenizer("the cat sat on the mat", return_tensors="pt")["input_ids"]

with torch.no_grad():
    tuned = model(input_ids=ids, labels=ids).loss
    with model.disable_adapter():
        baseline = model(input_ids=ids, labels=ids).loss
print(f"loss {baseline:.3f} -> {tuned:.3f}")
# /// innocent: disable_adapters of a transformers model is a switch
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("llm")
model = AutoModelForCausalLM.from_pretrained("llm")
model.load_adapter("adapters/chat")
ids = tokenizer("the cat sat on the mat", return_tensors="pt")["input_ids"]

with torch.no_grad():
    tuned = model(input_ids=ids, labels=ids).loss
    model.disable_adapters()
    baseline = model(input_ids=ids, labels=ids).loss
print(f"loss {baseline:.3f} -> {tuned:.3f}")
