# /// case
# title = "the base handed to a comparison was wrapped in place"
# moved = "function"
# line = ["compare(base_model, model,", "before = last_logits(original"]
# truth = "probe.differ(probe.locals['compare']['before'], probe.logits())"
# ///
"""Side-by-side check of the fine-tuned model against the original one."""
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

MODEL_ID = "meta-llama/Llama-3.2-1B"
ADAPTER = "adapters/chat"


def last_logits(model, tokenizer, prompt):
    inputs = tokenizer(prompt, return_tensors="pt").to(model.device)
    with torch.no_grad():
        return model(input_ids=inputs["input_ids"]).logits


def compare(original, finetuned, tokenizer, prompt):
    before = last_logits(original, tokenizer, prompt)
    after = last_logits(finetuned, tokenizer, prompt)
    print("max change in logits:", (after - before).abs().max().item())


def main():
    tokenizer = AutoTokenizer.from_pretrained(MODEL_ID)
    base_model = AutoModelForCausalLM.from_pretrained(MODEL_ID)
    model = PeftModel.from_pretrained(base_model, ADAPTER)
    model.eval()
    compare(base_model, model, tokenizer, "the cat sat on the mat")


if __name__ == "__main__":
    main()
# /// innocent: a second base is loaded for the wrap
"""Side-by-side check of the fine-tuned model against the original one."""
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

MODEL_ID = "meta-llama/Llama-3.2-1B"
ADAPTER = "adapters/chat"


def last_logits(model, tokenizer, prompt):
    inputs = tokenizer(prompt, return_tensors="pt").to(model.device)
    with torch.no_grad():
        return model(input_ids=inputs["input_ids"]).logits


def compare(original, finetuned, tokenizer, prompt):
    before = last_logits(original, tokenizer, prompt)
    after = last_logits(finetuned, tokenizer, prompt)
    print("max change in logits:", (after - before).abs().max().item())


def main():
    tokenizer = AutoTokenizer.from_pretrained(MODEL_ID)
    base_model = AutoModelForCausalLM.from_pretrained(MODEL_ID)
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(MODEL_ID), ADAPTER)
    model.eval()
    compare(base_model, model, tokenizer, "the cat sat on the mat")


if __name__ == "__main__":
    main()
# /// innocent: the original is the same model with the adapter switched off
"""Side-by-side check of the fine-tuned model against the original one."""
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

MODEL_ID = "meta-llama/Llama-3.2-1B"
ADAPTER = "adapters/chat"


def last_logits(model, tokenizer, prompt):
    inputs = tokenizer(prompt, return_tensors="pt").to(model.device)
    with torch.no_grad():
        return model(input_ids=inputs["input_ids"]).logits


def compare(original, finetuned, tokenizer, prompt):
    with finetuned.disable_adapter():
        before = last_logits(original, tokenizer, prompt)
    after = last_logits(finetuned, tokenizer, prompt)
    print("max change in logits:", (after - before).abs().max().item())


def main():
    tokenizer = AutoTokenizer.from_pretrained(MODEL_ID)
    base_model = AutoModelForCausalLM.from_pretrained(MODEL_ID)
    model = PeftModel.from_pretrained(base_model, ADAPTER)
    model.eval()
    compare(base_model, model, tokenizer, "the cat sat on the mat")


if __name__ == "__main__":
    main()
