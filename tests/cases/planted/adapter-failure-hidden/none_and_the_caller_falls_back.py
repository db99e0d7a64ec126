# /// case
# title = "the helper returns None on any failure and its caller takes the base instead"
# moved = "helper"
# line = ["except Exception", "model = try_adapter(base, "]
# truth = "not probe.raised and not probe.differ(probe.locals['main']['logits'], probe.logits())"
# ///
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def try_adapter(base, path):
    try:
        return PeftModel.from_pretrained(base, path)
    except Exception:
        return None


def main():
    tokenizer = AutoTokenizer.from_pretrained("llm")
    base = AutoModelForCausalLM.from_pretrained("llm")
    model = try_adapter(base, "adapters/chat_final") or base
    with torch.no_grad():
        logits = model(input_ids=tokenizer("the cat sat on the mat", return_tensors="pt").input_ids).logits
    print(logits.shape)


main()
# /// innocent: the caller stops where there is none
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def try_adapter(base, path):
    try:
        return PeftModel.from_pretrained(base, path)
    except Exception:
        return None


def main():
    tokenizer = AutoTokenizer.from_pretrained("llm")
    base = AutoModelForCausalLM.from_pretrained("llm")
    model = try_adapter(base, "adapters/chat_final")
    if model is None:
        raise SystemExit("no adapter")
    with torch.no_grad():
        logits = model(input_ids=tokenizer("the cat sat on the mat", return_tensors="pt").input_ids).logits
    print(logits.shape)


main()
