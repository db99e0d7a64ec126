# /// case
# title = "model.base_model.save_pretrained: the trained model's inner part is saved as if it were merged"
# moved = "function"
# line = ["model.base_model.save_pretrained(\"out\")"]
# truth = "probe.differ(probe.logits(AutoModelForCausalLM.from_pretrained('out')), probe.logits(trained), 1e-4)"
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


def export(model, tokenizer):
    model.base_model.save_pretrained("out")
    tokenizer.save_pretrained("out")


name = "Qwen/Qwen2.5-0.5B"
tokenizer = AutoTokenizer.from_pretrained(name)
trained = get_peft_model(AutoModelForCausalLM.from_pretrained(name), LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
train(trained, tokenizer)
export(trained, tokenizer)
# /// innocent: merged, then saved
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


def export(model, tokenizer):
    model.merge_and_unload().save_pretrained("out")
    tokenizer.save_pretrained("out")


name = "Qwen/Qwen2.5-0.5B"
tokenizer = AutoTokenizer.from_pretrained(name)
trained = get_peft_model(AutoModelForCausalLM.from_pretrained(name), LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
train(trained, tokenizer)
export(trained, tokenizer)
# /// innocent: the adapter is saved
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


def export(model, tokenizer):
    model.save_pretrained("out")
    tokenizer.save_pretrained("out")


name = "Qwen/Qwen2.5-0.5B"
tokenizer = AutoTokenizer.from_pretrained(name)
trained = get_peft_model(AutoModelForCausalLM.from_pretrained(name), LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
train(trained, tokenizer)
export(trained, tokenizer)
