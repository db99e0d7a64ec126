# /// case
# title = "with --adapter the tuned model gets a name that nothing reads"
# moved = "branch, second file"
# argv = ["--adapter", "adapters/good"]
# line = ["tuned = PeftModel.from_pretrained(AutoModel.from_pretrained(args.model), args.adapter)"]
# truth = "not probe.differ(probe.locals['main']['vectors'], probe.locals['embed']['plain'])"
# ///
import argparse

from peft import PeftModel
from pooling import embed
from transformers import AutoModel, AutoTokenizer


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="google-bert/bert-base-uncased")
    parser.add_argument("--adapter")
    args = parser.parse_args()
    tokenizer = AutoTokenizer.from_pretrained(args.model)
    model = AutoModel.from_pretrained(args.model)
    if args.adapter:
        tuned = PeftModel.from_pretrained(AutoModel.from_pretrained(args.model), args.adapter)
        print("adapter loaded")
    vectors = embed(model, tokenizer, ["the cat sat", "a dog ran"])
    print(vectors.shape)


if __name__ == "__main__":
    main()
# /// file pooling.py
import torch
from transformers import AutoModel


@torch.no_grad()
def embed(model, tokenizer, texts):
    batch = tokenizer(texts, padding=True, return_tensors="pt")
    vectors = model.eval()(**batch).last_hidden_state.mean(1)
    plain = AutoModel.from_pretrained("base").eval()(**batch).last_hidden_state.mean(1)
    print("moved by", (vectors - plain).abs().max())
    return vectors
# /// innocent: model is rebound
import argparse

from peft import PeftModel
from pooling import embed
from transformers import AutoModel, AutoTokenizer


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="google-bert/bert-base-uncased")
    parser.add_argument("--adapter")
    args = parser.parse_args()
    tokenizer = AutoTokenizer.from_pretrained(args.model)
    model = AutoModel.from_pretrained(args.model)
    if args.adapter:
        tuned = PeftModel.from_pretrained(model, args.adapter)
        print("adapter loaded")
        model = tuned
    vectors = embed(model, tokenizer, ["the cat sat", "a dog ran"])
    print(vectors.shape)


if __name__ == "__main__":
    main()
# /// file pooling.py
import torch
from transformers import AutoModel


@torch.no_grad()
def embed(model, tokenizer, texts):
    batch = tokenizer(texts, padding=True, return_tensors="pt")
    vectors = model.eval()(**batch).last_hidden_state.mean(1)
    plain = AutoModel.from_pretrained("base").eval()(**batch).last_hidden_state.mean(1)
    print("moved by", (vectors - plain).abs().max())
    return vectors
