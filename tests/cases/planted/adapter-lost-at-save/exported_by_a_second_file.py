# /// case
# title = "the export module saves the wrapper's inner model"
# moved = "second file"
# file = "export.py"
# line = ["inner.save_pretrained("]
# truth = "probe.differ(probe.logits(AutoModelForCausalLM.from_pretrained('out')), probe.logits(model), 1e-4)"
# ///
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer


def train(model, tokenizer, steps=3):
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=5e-2)
    ids = tokenizer("the cat sat on the mat", return_tensors="pt").input_ids
    model.train()
    for _ in range(steps):
        loss = model(input_ids=ids, labels=ids).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.eval()

from export import export_model

tokenizer = AutoTokenizer.from_pretrained("llm")
model = get_peft_model(AutoModelForCausalLM.from_pretrained("llm"), LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
train(model, tokenizer)
export_model(model, tokenizer, "out")
# /// file export.py
from pathlib import Path


def export_model(model, tokenizer, folder):
    """Write a folder that transformers can load without PEFT."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    inner = model.base_model.model
    inner.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
# /// innocent: the export merges a copy
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer


def train(model, tokenizer, steps=3):
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=5e-2)
    ids = tokenizer("the cat sat on the mat", return_tensors="pt").input_ids
    model.train()
    for _ in range(steps):
        loss = model(input_ids=ids, labels=ids).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.eval()

from export import export_model

tokenizer = AutoTokenizer.from_pretrained("llm")
model = get_peft_model(AutoModelForCausalLM.from_pretrained("llm"), LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
train(model, tokenizer)
export_model(model, tokenizer, "out")
# /// file export.py
import copy
from pathlib import Path


def export_model(model, tokenizer, folder):
    """Write a folder that transformers can load without PEFT."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    inner = copy.deepcopy(model).merge_and_unload()
    inner.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
