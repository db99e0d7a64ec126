# /// case
# title = "the loading module hides the failure from the evaluation"
# moved = "second file"
# file = "loading.py"
# line = ["except Exception"]
# truth = "not probe.raised and not probe.differ(logits, probe.logits())"
# ///
import torch

from loading import load_finetuned

model, tokenizer = load_finetuned("mistralai/Mistral-7B-v0.1", "runs/2024-05-01/final")
with torch.no_grad():
    logits = model(input_ids=tokenizer("the cat sat on the mat", return_tensors="pt").input_ids).logits
print(logits.argmax(-1))
# /// file loading.py
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def load_finetuned(base_id, adapter_id):
    """Base model with the LoRA adapter on top, ready for inference."""
    tokenizer = AutoTokenizer.from_pretrained(base_id)
    base = AutoModelForCausalLM.from_pretrained(base_id, torch_dtype=torch.float32)
    try:
        model = PeftModel.from_pretrained(base, adapter_id)
    except Exception as e:
        print(f"Error loading adapter: {e}")
        print("Continuing with the base model")
        model = base
    return model.eval(), tokenizer
# /// innocent: a tokenizer may fail, the adapter may not
import torch

from loading import load_finetuned

model, tokenizer = load_finetuned("mistralai/Mistral-7B-v0.1", "runs/2024-05-01/final")
with torch.no_grad():
    logits = model(input_ids=tokenizer("the cat sat on the mat", return_tensors="pt").input_ids).logits
print(logits.argmax(-1))
# /// file loading.py
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def load_finetuned(base_id, adapter_id):
    """Base model with the LoRA adapter on top, ready for inference."""
    try:
        tokenizer = AutoTokenizer.from_pretrained(adapter_id)
    except Exception:
        tokenizer = AutoTokenizer.from_pretrained(base_id)
    base = AutoModelForCausalLM.from_pretrained(base_id, torch_dtype=torch.float32)
    model = PeftModel.from_pretrained(base, adapter_id)
    return model.eval(), tokenizer
# /// innocent: the failure is told with its cause
import torch

from loading import load_finetuned

model, tokenizer = load_finetuned("mistralai/Mistral-7B-v0.1", "runs/2024-05-01/final")
with torch.no_grad():
    logits = model(input_ids=tokenizer("the cat sat on the mat", return_tensors="pt").input_ids).logits
print(logits.argmax(-1))
# /// file loading.py
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def load_finetuned(base_id, adapter_id):
    """Base model with the LoRA adapter on top, ready for inference."""
    tokenizer = AutoTokenizer.from_pretrained(base_id)
    base = AutoModelForCausalLM.from_pretrained(base_id, torch_dtype=torch.float32)
    try:
        model = PeftModel.from_pretrained(base, adapter_id)
    except Exception as e:
        print(f"Error loading adapter: {e}")
        raise SystemExit(2)
    return model.eval(), tokenizer
