# /// case
# title = "the optimizer is built of the base's parameters, which the wrap then freezes"
# moved = "order"
# line = ["optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)", "model = get_peft_model(model, config)"]
# truth = "not any(v.abs().max() > 0 for k, v in model.state_dict().items() if 'lora_B' in k)"
# ///
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("Qwen/Qwen2.5-0.5B")
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B")
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
config = LoraConfig(r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
model = get_peft_model(model, config)
model.train()
for text in ["the cat sat on the mat", "the bus was slow"] * 2:
    ids = tokenizer(text, return_tensors="pt")["input_ids"]
    loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
model.save_pretrained("qwen-lora")
# /// innocent: built after the wrap
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("Qwen/Qwen2.5-0.5B")
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B")
config = LoraConfig(r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
model = get_peft_model(model, config)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
model.train()
for text in ["the cat sat on the mat", "the bus was slow"] * 2:
    ids = tokenizer(text, return_tensors="pt")["input_ids"]
    loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
model.save_pretrained("qwen-lora")
# /// innocent: built again after the wrap
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("Qwen/Qwen2.5-0.5B")
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B")
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
config = LoraConfig(r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
model = get_peft_model(model, config)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
model.train()
for text in ["the cat sat on the mat", "the bus was slow"] * 2:
    ids = tokenizer(text, return_tensors="pt")["input_ids"]
    loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
model.save_pretrained("qwen-lora")
# /// innocent: the optimizer before it is another model's
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("Qwen/Qwen2.5-0.5B")
critic = torch.nn.Linear(4, 1)
critic_optimizer = torch.optim.AdamW(critic.parameters(), lr=1e-2)
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B")
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
for text in ["the cat sat on the mat", "the bus was slow"] * 2:
    ids = tokenizer(text, return_tensors="pt")["input_ids"]
    loss = model(input_ids=ids, labels=ids).loss + critic(torch.ones(4)).mean()
    loss.backward()
    optimizer.step()
    critic_optimizer.step()
    optimizer.zero_grad()
