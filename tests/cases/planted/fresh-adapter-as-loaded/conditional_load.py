# /// case
# title = "with --adapter the model gets a fresh adapter of the saved shape"
# moved = "branch"
# argv = ["--adapter", "adapters/chat"]
# line = ["model = get_peft_model(model, LoraConfig.from_pretrained(args.adapter))"]
# truth = "not probe.differ(probe.logits(probe.locals['main']['model']), probe.logits())"
# ///
import argparse

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer


def perplexity(model, tokenizer, text):
    ids = tokenizer(text, return_tensors="pt")["input_ids"]
    with torch.no_grad():
        return torch.exp(model(input_ids=ids, labels=ids).loss).item()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", default="TinyLlama/TinyLlama-1.1B-Chat-v1.0")
    parser.add_argument("--adapter")
    args = parser.parse_args()

    tokenizer = AutoTokenizer.from_pretrained(args.base)
    model = AutoModelForCausalLM.from_pretrained(args.base)
    if args.adapter:
        model = get_peft_model(model, LoraConfig.from_pretrained(args.adapter))
    print(perplexity(model.eval(), tokenizer, "the train was fast"))


if __name__ == "__main__":
    main()
# /// innocent: the config is read for the log only
import argparse

import torch
from peft import LoraConfig, PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def perplexity(model, tokenizer, text):
    ids = tokenizer(text, return_tensors="pt")["input_ids"]
    with torch.no_grad():
        return torch.exp(model(input_ids=ids, labels=ids).loss).item()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", default="TinyLlama/TinyLlama-1.1B-Chat-v1.0")
    parser.add_argument("--adapter")
    args = parser.parse_args()

    tokenizer = AutoTokenizer.from_pretrained(args.base)
    model = AutoModelForCausalLM.from_pretrained(args.base)
    if args.adapter:
        print(LoraConfig.from_pretrained(args.adapter))
        model = PeftModel.from_pretrained(model, args.adapter)
    print(perplexity(model.eval(), tokenizer, "the train was fast"))


if __name__ == "__main__":
    main()
