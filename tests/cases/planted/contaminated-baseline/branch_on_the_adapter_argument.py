# /// case
# title = "with --adapter the model that is scored as the base has been wrapped"
# moved = "branch"
# argv = ["--adapter", "adapters/chat"]
# line = ["base_ppl = perplexity(base"]
# truth = "abs(probe.locals['main']['base_ppl'] - perplexity(probe.llm(), probe.locals['main']['tokenizer'], TEXTS)) > 1e-4"
# ///
import argparse
import math

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

TEXTS = ["the cat sat on the mat", "a dog ran in the rain"]


@torch.inference_mode()
def perplexity(model, tokenizer, texts):
    losses = []
    for text in texts:
        ids = tokenizer(text, return_tensors="pt").input_ids
        losses.append(model(input_ids=ids, labels=ids).loss.item())
    return math.exp(sum(losses) / len(losses))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="Qwen/Qwen2.5-0.5B")
    parser.add_argument("--adapter")
    args = parser.parse_args()

    tokenizer = AutoTokenizer.from_pretrained(args.model)
    base = AutoModelForCausalLM.from_pretrained(args.model)
    if args.adapter:
        model = PeftModel.from_pretrained(base, args.adapter)
        model.eval()
        ppl = perplexity(model, tokenizer, TEXTS)
        base_ppl = perplexity(base, tokenizer, TEXTS)
        print(f"{base_ppl:.2f} -> {ppl:.2f}")


if __name__ == "__main__":
    main()
# /// innocent: the base is scored before it is wrapped
import argparse
import math

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

TEXTS = ["the cat sat on the mat", "a dog ran in the rain"]


@torch.inference_mode()
def perplexity(model, tokenizer, texts):
    losses = []
    for text in texts:
        ids = tokenizer(text, return_tensors="pt").input_ids
        losses.append(model(input_ids=ids, labels=ids).loss.item())
    return math.exp(sum(losses) / len(losses))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="Qwen/Qwen2.5-0.5B")
    parser.add_argument("--adapter")
    args = parser.parse_args()

    tokenizer = AutoTokenizer.from_pretrained(args.model)
    base = AutoModelForCausalLM.from_pretrained(args.model)
    base_ppl = perplexity(base, tokenizer, TEXTS)
    if args.adapter:
        model = PeftModel.from_pretrained(base, args.adapter)
        model.eval()
        ppl = perplexity(model, tokenizer, TEXTS)
        print(f"{base_ppl:.2f} -> {ppl:.2f}")


if __name__ == "__main__":
    main()
# /// innocent: exclusive branches: only the untouched base is scored
import argparse
import math

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

TEXTS = ["the cat sat on the mat", "a dog ran in the rain"]


@torch.inference_mode()
def perplexity(model, tokenizer, texts):
    losses = []
    for text in texts:
        ids = tokenizer(text, return_tensors="pt").input_ids
        losses.append(model(input_ids=ids, labels=ids).loss.item())
    return math.exp(sum(losses) / len(losses))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="Qwen/Qwen2.5-0.5B")
    parser.add_argument("--adapter")
    args = parser.parse_args()

    tokenizer = AutoTokenizer.from_pretrained(args.model)
    base = AutoModelForCausalLM.from_pretrained(args.model)
    if args.adapter:
        model = PeftModel.from_pretrained(base, args.adapter)
        model.eval()
        ppl = perplexity(model, tokenizer, TEXTS)
        print(f"{ppl:.2f} on {base.device} ({base.config.model_type})")
        base_ppl = perplexity(AutoModelForCausalLM.from_pretrained(args.model), tokenizer, TEXTS)
    else:
        base_ppl = perplexity(base, tokenizer, TEXTS)


if __name__ == "__main__":
    main()
