# /// case
# title = "the set-up function saves the adapter, training comes after it"
# moved = "function"
# line = ["model.save_pretrained(OUT)"]
# truth = "probe.differ(probe.logits(adapter='out'), probe.logits(probe.locals['main']['model']))"
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


OUT = "out"


def setup(name):
    tokenizer = AutoTokenizer.from_pretrained(name)
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(name), LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
    model.save_pretrained(OUT)
    return model, tokenizer


def main():
    model, tokenizer = setup("TinyLlama/TinyLlama-1.1B-Chat-v1.0")
    train(model, tokenizer)
    print("adapter in", OUT)


main()
# /// innocent: saved after training
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


OUT = "out"


def setup(name):
    tokenizer = AutoTokenizer.from_pretrained(name)
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(name), LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
    return model, tokenizer


def main():
    model, tokenizer = setup("TinyLlama/TinyLlama-1.1B-Chat-v1.0")
    train(model, tokenizer)
    model.save_pretrained(OUT)
    print("adapter in", OUT)


main()
# /// innocent: the config alone is saved before, the model after
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


OUT = "out"


def setup(name):
    tokenizer = AutoTokenizer.from_pretrained(name)
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(name), LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
    model.peft_config["default"].save_pretrained(OUT)
    return model, tokenizer


def main():
    model, tokenizer = setup("TinyLlama/TinyLlama-1.1B-Chat-v1.0")
    train(model, tokenizer)
    model.save_pretrained(OUT)
    print("adapter in", OUT)


main()
