# /// case
# title = "get_peft_model around the loaded adapter replaces it by a fresh one"
# moved = "function"
# line = ["model = get_peft_model(model, lora_config)", "get_peft_model(model"]
# truth = "probe.differ(probe.locals['train']['start'], probe.logits(text='a dog ran', adapter='chat'))"
# ///
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "mistralai/Mistral-7B-v0.1"


def load_checkpoint(path):
    base = AutoModelForCausalLM.from_pretrained(BASE)
    return PeftModel.from_pretrained(base, path, is_trainable=True)


def prepare(model):
    lora_config = LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
    model = get_peft_model(model, lora_config)
    model.print_trainable_parameters()
    return model


def train(path, text="a dog ran"):
    model = prepare(load_checkpoint(path))
    batch = AutoTokenizer.from_pretrained(BASE)(text, return_tensors="pt")
    model.eval()
    start = model(input_ids=batch["input_ids"]).logits.detach()
    model.train()
    optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=1e-3)
    for _ in range(2):
        loss = model(input_ids=batch["input_ids"], labels=batch["input_ids"]).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return model


train("adapters/chat")
# /// innocent: the loaded adapter is trained on
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "mistralai/Mistral-7B-v0.1"


def load_checkpoint(path):
    base = AutoModelForCausalLM.from_pretrained(BASE)
    return PeftModel.from_pretrained(base, path, is_trainable=True)


def prepare(model):
    lora_config = LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
    model = get_peft_model(model, lora_config)
    model.print_trainable_parameters()
    return model


def train(path, text="a dog ran"):
    model = load_checkpoint(path)
    batch = AutoTokenizer.from_pretrained(BASE)(text, return_tensors="pt")
    model.eval()
    start = model(input_ids=batch["input_ids"]).logits.detach()
    model.train()
    optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=1e-3)
    for _ in range(2):
        loss = model(input_ids=batch["input_ids"], labels=batch["input_ids"]).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return model


train("adapters/chat")
# /// innocent: the loaded adapter is merged first
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "mistralai/Mistral-7B-v0.1"


def load_checkpoint(path):
    base = AutoModelForCausalLM.from_pretrained(BASE)
    model = PeftModel.from_pretrained(base, path)
    return model.merge_and_unload()


def prepare(model):
    lora_config = LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
    model = get_peft_model(model, lora_config)
    model.print_trainable_parameters()
    return model


def train(path, text="a dog ran"):
    model = prepare(load_checkpoint(path))
    batch = AutoTokenizer.from_pretrained(BASE)(text, return_tensors="pt")
    model.eval()
    start = model(input_ids=batch["input_ids"]).logits.detach()
    model.train()
    optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=1e-3)
    for _ in range(2):
        loss = model(input_ids=batch["input_ids"], labels=batch["input_ids"]).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return model


train("adapters/chat")
