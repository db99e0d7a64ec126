# /// case
# title = "get_base_model() hands out the model with unmerged adapters, which is saved as the final one"
# moved = "method"
# line = ["final = self.model.get_base_model()", "final.save_pretrained("]
# truth = "probe.differ(probe.logits(AutoModelForCausalLM.from_pretrained('out')), probe.logits(tuner.model), 1e-4)"
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


class Tuner:
    def __init__(self, name):
        self.tokenizer = AutoTokenizer.from_pretrained(name)
        self.model = get_peft_model(AutoModelForCausalLM.from_pretrained(name), LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))

    def fit(self):
        train(self.model, self.tokenizer)
        return self

    def save(self, folder):
        final = self.model.get_base_model()
        final.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)


tuner = Tuner("TinyLlama/TinyLlama-1.1B-Chat-v1.0").fit()
tuner.save("out")
# /// innocent: merged first: the base model then holds the update
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


class Tuner:
    def __init__(self, name):
        self.tokenizer = AutoTokenizer.from_pretrained(name)
        self.model = get_peft_model(AutoModelForCausalLM.from_pretrained(name), LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))

    def fit(self):
        train(self.model, self.tokenizer)
        return self

    def save(self, folder):
        final = self.model.merge_and_unload()
        self.model = final
        final.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)


tuner = Tuner("TinyLlama/TinyLlama-1.1B-Chat-v1.0").fit()
tuner.save("out")
# /// innocent: only its config is saved, the adapter beside it
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


class Tuner:
    def __init__(self, name):
        self.tokenizer = AutoTokenizer.from_pretrained(name)
        self.model = get_peft_model(AutoModelForCausalLM.from_pretrained(name), LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))

    def fit(self):
        train(self.model, self.tokenizer)
        return self

    def save(self, folder):
        self.model.get_base_model().config.save_pretrained(folder + "-config")
        self.model.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)


tuner = Tuner("TinyLlama/TinyLlama-1.1B-Chat-v1.0").fit()
tuner.save("out")
