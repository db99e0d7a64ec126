# /// case
# title = "the branch that resumes leaves the adapter frozen, the other one does not"
# moved = "branch"
# line = ["optimizer = torch.optim.AdamW(", "loss.backward()", "model = PeftModel.from_pretrained("]
# truth = "bool(probe.raised) or probe.same_lora(model, 'chat')"
# ///
import os

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "meta-llama/Llama-3.2-1B"
CHECKPOINT = "adapters/chat"

tokenizer = AutoTokenizer.from_pretrained(BASE)
model = AutoModelForCausalLM.from_pretrained(BASE)
if os.path.isdir(CHECKPOINT):
    print("Resuming from", CHECKPOINT)
    model = PeftModel.from_pretrained(model, CHECKPOINT)
else:
    model = get_peft_model(model, LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))

optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
model.train()
for text in ["the cat sat on the mat", "a dog ran in the rain"]:
    ids = tokenizer(text, return_tensors="pt").input_ids
    loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
model.save_pretrained(CHECKPOINT + "-next")
# /// innocent: loaded to be trained
import os

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "meta-llama/Llama-3.2-1B"
CHECKPOINT = "adapters/chat"

tokenizer = AutoTokenizer.from_pretrained(BASE)
model = AutoModelForCausalLM.from_pretrained(BASE)
if os.path.isdir(CHECKPOINT):
    print("Resuming from", CHECKPOINT)
    model = PeftModel.from_pretrained(model, CHECKPOINT, is_trainable=True)
else:
    model = get_peft_model(model, LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))

optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
model.train()
for text in ["the cat sat on the mat", "a dog ran in the rain"]:
    ids = tokenizer(text, return_tensors="pt").input_ids
    loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
model.save_pretrained(CHECKPOINT + "-next")
# /// innocent: a new adapter takes the weights of the checkpoint
import os

import torch
from peft import LoraConfig, get_peft_model, load_peft_weights, set_peft_model_state_dict
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "meta-llama/Llama-3.2-1B"
CHECKPOINT = "adapters/chat"

tokenizer = AutoTokenizer.from_pretrained(BASE)
model = AutoModelForCausalLM.from_pretrained(BASE)
model = get_peft_model(model, LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))

if os.path.isdir(CHECKPOINT):
    result = set_peft_model_state_dict(model, load_peft_weights(CHECKPOINT))
    assert not result.unexpected_keys, result.unexpected_keys
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
model.train()
for text in ["the cat sat on the mat", "a dog ran in the rain"]:
    ids = tokenizer(text, return_tensors="pt").input_ids
    loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
model.save_pretrained(CHECKPOINT + "-next")
