# /// case
# title = "the adapter is saved in the cell that builds it; training comes two cells later"
# moved = "another cell"
# notebook = {}
# line = ["peft_model.save_pretrained(\"out\")"]
# truth = "probe.differ(probe.logits(adapter='out'), probe.logits(peft_model))"
# ///
# %%
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

name = "meta-llama/Llama-3.2-1B"
tokenizer = AutoTokenizer.from_pretrained(name)
base = AutoModelForCausalLM.from_pretrained(name)

# %%
peft_model = get_peft_model(base, LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
peft_model.save_pretrained("out")
tokenizer.save_pretrained("out")

# %%
optimizer = torch.optim.AdamW([p for p in peft_model.parameters() if p.requires_grad], lr=5e-2)
ids = tokenizer("a dog ran in the rain", return_tensors="pt").input_ids
for step in range(3):
    loss = peft_model(input_ids=ids, labels=ids).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    print(step, loss.item())

# %%
peft_model.eval()
# /// innocent: saved before as well as after
# %%
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

name = "meta-llama/Llama-3.2-1B"
tokenizer = AutoTokenizer.from_pretrained(name)
base = AutoModelForCausalLM.from_pretrained(name)

# %%
peft_model = get_peft_model(base, LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
peft_model.save_pretrained("out")
tokenizer.save_pretrained("out")

# %%
optimizer = torch.optim.AdamW([p for p in peft_model.parameters() if p.requires_grad], lr=5e-2)
ids = tokenizer("a dog ran in the rain", return_tensors="pt").input_ids
for step in range(3):
    loss = peft_model(input_ids=ids, labels=ids).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    print(step, loss.item())

# %%
peft_model.eval()
peft_model.save_pretrained("out")
# /// innocent: only the tokenizer is saved before
# %%
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

name = "meta-llama/Llama-3.2-1B"
tokenizer = AutoTokenizer.from_pretrained(name)
base = AutoModelForCausalLM.from_pretrained(name)

# %%
peft_model = get_peft_model(base, LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
tokenizer.save_pretrained("out")

# %%
optimizer = torch.optim.AdamW([p for p in peft_model.parameters() if p.requires_grad], lr=5e-2)
ids = tokenizer("a dog ran in the rain", return_tensors="pt").input_ids
for step in range(3):
    loss = peft_model(input_ids=ids, labels=ids).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    print(step, loss.item())

# %%
peft_model.eval().save_pretrained("out")
