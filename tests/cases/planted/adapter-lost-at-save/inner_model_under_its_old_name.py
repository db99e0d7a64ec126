# /// case
# title = "the name of before the wrap is saved as the finished model"
# moved = "alias"
# line = ["base.save_pretrained(\"out\")"]
# truth = "probe.differ(probe.logits(AutoModelForCausalLM.from_pretrained('out')), probe.logits(lora), 1e-4)"
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


tokenizer = AutoTokenizer.from_pretrained("mistralai/Mistral-7B-v0.1")
base = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1")
lora = get_peft_model(base, LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
train(lora, tokenizer)
base.save_pretrained("out")
tokenizer.save_pretrained("out")
# /// innocent: after merging in place the old name holds the merged model
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


tokenizer = AutoTokenizer.from_pretrained("mistralai/Mistral-7B-v0.1")
base = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1")
lora = get_peft_model(base, LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
train(lora, tokenizer)
lora.merge_and_unload()
base.save_pretrained("out")
lora = base
tokenizer.save_pretrained("out")
# /// innocent: the bare base is saved before it is wrapped
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


tokenizer = AutoTokenizer.from_pretrained("mistralai/Mistral-7B-v0.1")
base = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1")
base.save_pretrained("base-copy")
lora = get_peft_model(base, LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
train(lora, tokenizer)
lora.save_pretrained("out")
tokenizer.save_pretrained("out")
