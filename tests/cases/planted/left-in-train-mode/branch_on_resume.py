# /// case
# title = "is_trainable comes from a flag that evaluation leaves on; generate() does not call eval()"
# moved = "branch"
# before = "import planted_parts; planted_parts.with_dropout('chat')"
# line = ["model = PeftModel.from_pretrained(model, args.adapter, is_trainable=True)", "output = model.generate(input_ids=ids, max_new_tokens=4, do_sample=False)"]
# truth = "any(m.training for n, m in probe.locals['main']['model'].named_modules() if n.endswith('lora_dropout.default'))"
# ///
import argparse

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--adapter", default="adapters/chat")
    args = parser.parse_args()
    model = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1")
    if args.adapter:
        model = PeftModel.from_pretrained(model, args.adapter, is_trainable=True)
    ids = torch.tensor([[5, 6, 7]])
    output = model.generate(input_ids=ids, max_new_tokens=4, do_sample=False)
    print(output)


main()
# /// innocent: Trainer.evaluate calls eval
import argparse

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--adapter", default="adapters/chat")
    args = parser.parse_args()
    model = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1")
    if args.adapter:
        model = PeftModel.from_pretrained(model, args.adapter, is_trainable=True)
    trainer = Trainer(model=model, args=TrainingArguments("out", report_to=[], use_cpu=True))
    ids = torch.tensor([5, 6, 7])
    print(trainer.evaluate([{"input_ids": ids, "labels": ids}]))


main()
