# /// case
# title = "contextlib.suppress(Exception) around the load leaves the base"
# moved = "library"
# line = ["with suppress(Exception):", "model = PeftModel.from_pretrained("]
# truth = "not probe.raised and not probe.differ(logits, probe.logits())"
# ///
from contextlib import suppress

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

name = "TinyLlama/TinyLlama-1.1B-Chat-v1.0"
tokenizer = AutoTokenizer.from_pretrained(name)
model = AutoModelForCausalLM.from_pretrained(name)
with suppress(Exception):
    model = PeftModel.from_pretrained(model, "adapters/chat-v2")

with torch.no_grad():
    logits = model(input_ids=tokenizer("the cat sat on the mat", return_tensors="pt").input_ids).logits
# /// innocent: what is suppressed is a missing optional package
from contextlib import suppress

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

name = "TinyLlama/TinyLlama-1.1B-Chat-v1.0"
tokenizer = AutoTokenizer.from_pretrained(name)
model = AutoModelForCausalLM.from_pretrained(name)
with suppress(ImportError):
    import sklearn
model = PeftModel.from_pretrained(model, "adapters/chat")

with torch.no_grad():
    logits = model(input_ids=tokenizer("the cat sat on the mat", return_tensors="pt").input_ids).logits
