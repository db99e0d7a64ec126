# /// case
# title = "another module returns base and adapted model, which share one set of weights"
# moved = "second file"
# line = ["loss_base = nll(base)", "return model(input_ids"]
# truth = "abs(loss_base - nll(probe.llm())) > 1e-4"
# ///
import torch
from transformers import AutoTokenizer

from loading import MODEL, load_pair

tokenizer = AutoTokenizer.from_pretrained(MODEL)
base, tuned = load_pair("adapters/chat")


@torch.no_grad()
def nll(model, text="the cat sat on the mat"):
    ids = tokenizer(text, return_tensors="pt")["input_ids"]
    return model(input_ids=ids, labels=ids).loss.item()


loss_tuned = nll(tuned)
loss_base = nll(base)
print(f"base {loss_base:.3f}  tuned {loss_tuned:.3f}")
# /// file loading.py
from peft import PeftModel
from transformers import AutoModelForCausalLM

MODEL = "TinyLlama/TinyLlama-1.1B-Chat-v1.0"


def load_pair(adapter):
    """The base model and the model with `adapter`, both in eval mode."""
    base = AutoModelForCausalLM.from_pretrained(MODEL)
    tuned = PeftModel.from_pretrained(base, adapter)
    return base.eval(), tuned.eval()
# /// innocent: two bases
import torch
from transformers import AutoTokenizer

from loading import MODEL, load_pair

tokenizer = AutoTokenizer.from_pretrained(MODEL)
base, tuned = load_pair("adapters/chat")


@torch.no_grad()
def nll(model, text="the cat sat on the mat"):
    ids = tokenizer(text, return_tensors="pt")["input_ids"]
    return model(input_ids=ids, labels=ids).loss.item()


loss_tuned = nll(tuned)
loss_base = nll(base)
print(f"base {loss_base:.3f}  tuned {loss_tuned:.3f}")
# /// file loading.py
from peft import PeftModel
from transformers import AutoModelForCausalLM

MODEL = "TinyLlama/TinyLlama-1.1B-Chat-v1.0"


def load_pair(adapter):
    """The base model and the model with `adapter`, both in eval mode."""
    base = AutoModelForCausalLM.from_pretrained(MODEL)
    tuned = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(MODEL), adapter)
    return base.eval(), tuned.eval()
