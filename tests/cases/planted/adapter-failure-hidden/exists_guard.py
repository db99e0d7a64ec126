# /// case
# title = "a missing adapter folder leaves the base in silence"
# moved = "guard"
# level = "hint"
# line = ["if os.path.exists(ADAPTER):"]
# truth = "not probe.raised and not probe.differ(logits, probe.logits())"
# ///
import os

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "meta-llama/Llama-3.2-1B"
ADAPTER = "output/final_adapter"

tokenizer = AutoTokenizer.from_pretrained(BASE)
model = AutoModelForCausalLM.from_pretrained(BASE)
if os.path.exists(ADAPTER):
    model = PeftModel.from_pretrained(model, ADAPTER)
model.eval()

with torch.no_grad():
    logits = model(input_ids=tokenizer("the cat sat on the mat", return_tensors="pt").input_ids).logits
# /// innocent: a missing folder is an error
import os

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "meta-llama/Llama-3.2-1B"
ADAPTER = "output/final_adapter"

tokenizer = AutoTokenizer.from_pretrained(BASE)
model = AutoModelForCausalLM.from_pretrained(BASE)
if not os.path.exists(ADAPTER):
    raise FileNotFoundError(ADAPTER)
model = PeftModel.from_pretrained(model, ADAPTER)
model.eval()

with torch.no_grad():
    logits = model(input_ids=tokenizer("the cat sat on the mat", return_tensors="pt").input_ids).logits
