# /// case
# title = "where a checkpoint fails to load, the model of the checkpoint before is evaluated in its name"
# moved = "loop"
# line = ["except Exception as"]
# truth = "not probe.raised and 'adapters/missing' in scores"
# ///
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "Qwen/Qwen2.5-0.5B"
tokenizer = AutoTokenizer.from_pretrained(BASE)
ids = tokenizer("the cat sat on the mat", return_tensors="pt").input_ids

model = AutoModelForCausalLM.from_pretrained(BASE)
scores = {}
for checkpoint in ["adapters/chat", "adapters/missing", "adapters/chat2"]:
    try:
        base = AutoModelForCausalLM.from_pretrained(BASE)
        model = PeftModel.from_pretrained(base, checkpoint)
        model.eval()
    except Exception as error:
        print(f"failed to load {checkpoint}: {error}")
    with torch.no_grad():
        scores[checkpoint] = model(input_ids=ids, labels=ids).loss.item()
print(scores)
# /// innocent: the checkpoint is skipped
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "Qwen/Qwen2.5-0.5B"
tokenizer = AutoTokenizer.from_pretrained(BASE)
ids = tokenizer("the cat sat on the mat", return_tensors="pt").input_ids

model = AutoModelForCausalLM.from_pretrained(BASE)
scores = {}
for checkpoint in ["adapters/chat", "adapters/missing", "adapters/chat2"]:
    try:
        base = AutoModelForCausalLM.from_pretrained(BASE)
        model = PeftModel.from_pretrained(base, checkpoint)
        model.eval()
    except Exception as error:
        print(f"failed to load {checkpoint}: {error}")
        continue
    with torch.no_grad():
        scores[checkpoint] = model(input_ids=ids, labels=ids).loss.item()
print(scores)
# /// innocent: the evaluation is in the try as well
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "Qwen/Qwen2.5-0.5B"
tokenizer = AutoTokenizer.from_pretrained(BASE)
ids = tokenizer("the cat sat on the mat", return_tensors="pt").input_ids

model = AutoModelForCausalLM.from_pretrained(BASE)
scores = {}
for checkpoint in ["adapters/chat", "adapters/missing", "adapters/chat2"]:
    try:
        base = AutoModelForCausalLM.from_pretrained(BASE)
        model = PeftModel.from_pretrained(base, checkpoint)
        model.eval()
        with torch.no_grad():
            scores[checkpoint] = model(input_ids=ids, labels=ids).loss.item()
    except Exception as error:
        print(f"failed to load {checkpoint}: {error}")
print(scores)
