# /// case
# title = "a settings class names where to save and, differently, what to evaluate"
# moved = "class attribute, function"
# line = ["return PeftModel.from_pretrained(fresh(), Settings.adapter)", "model.save_pretrained(Settings.output)"]
# before = "import shutil; shutil.copytree('adapters/chat2', 'runs/final')"
# truth = "not probe.same_lora(tuned, 'runs/2024-final')"
# ///
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer


class Settings:
    base = "llm"
    output = "runs/2024-final"
    adapter = "runs/final"


def fresh():
    return AutoModelForCausalLM.from_pretrained(Settings.base)


def train(texts):
    tokenizer = AutoTokenizer.from_pretrained(Settings.base)
    config = LoraConfig(r=4, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
    model = get_peft_model(fresh(), config)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-2)
    for text in texts:
        ids = tokenizer(text, return_tensors="pt")["input_ids"]
        model(input_ids=ids, labels=ids).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained(Settings.output)


def load():
    return PeftModel.from_pretrained(fresh(), Settings.adapter)


train(["the sun", "the rain"])
tuned = load()
# /// innocent: an earlier adapter is where the training starts, the new one is evaluated
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class Settings:
    base = "llm"
    output = "runs/2024-final"
    adapter = "runs/final"


def fresh():
    return AutoModelForCausalLM.from_pretrained(Settings.base)


def train(texts):
    tokenizer = AutoTokenizer.from_pretrained(Settings.base)
    model = PeftModel.from_pretrained(fresh(), Settings.adapter, is_trainable=True)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-2)
    for text in texts:
        ids = tokenizer(text, return_tensors="pt")["input_ids"]
        model(input_ids=ids, labels=ids).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained(Settings.output)


def load():
    return PeftModel.from_pretrained(fresh(), Settings.output)


train(["the sun", "the rain"])
tuned = load()
