# /// case
# title = "each adapter is merged into the one base that still holds the adapters before it"
# moved = "loop"
# line = ["merged = PeftModel.from_pretrained(base, ", "PeftModel.from_pretrained(base, path)"]
# truth = "any(probe.differ(results[path], probe.logits(text='the cat sat', adapter=path), 1e-4) for path in results)"
# ///
import copy

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("Qwen/Qwen2.5-0.5B")
ids = tokenizer("the cat sat", return_tensors="pt").input_ids
base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B")

results = {}
for path in ("adapters/chat", "adapters/chat2"):
    merged = PeftModel.from_pretrained(base, path).merge_and_unload()
    with torch.no_grad():
        results[path] = merged(input_ids=ids).logits
    merged.save_pretrained(f"{path}-merged")
# /// innocent: each is merged into a copy
import copy

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("Qwen/Qwen2.5-0.5B")
ids = tokenizer("the cat sat", return_tensors="pt").input_ids
base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B")

results = {}
for path in ("adapters/chat", "adapters/chat2"):
    merged = PeftModel.from_pretrained(copy.deepcopy(base), path).merge_and_unload()
    with torch.no_grad():
        results[path] = merged(input_ids=ids).logits
    merged.save_pretrained(f"{path}-merged")
# /// innocent: not merged: the last wrap of the same name over the base replaces the one before, each is used at once
import copy

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("Qwen/Qwen2.5-0.5B")
ids = tokenizer("the cat sat", return_tensors="pt").input_ids
base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B")

results = {}
for path in ("adapters/chat", "adapters/chat2"):
    merged = PeftModel.from_pretrained(base, path)
    with torch.no_grad():
        results[path] = merged(input_ids=ids).logits
    merged.save_pretrained(f"{path}-merged")
# /// innocent: the two are meant to be merged one over the other
import copy

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("Qwen/Qwen2.5-0.5B")
ids = tokenizer("the cat sat", return_tensors="pt").input_ids
base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B")

results = {}
model = base
for path in ("adapters/chat", "adapters/chat2"):
    model = PeftModel.from_pretrained(model, path)
    model = model.merge_and_unload()
model.save_pretrained("both-merged")
