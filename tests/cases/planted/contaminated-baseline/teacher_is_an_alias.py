# /// case
# title = "the frozen teacher is another name of the model that is wrapped and trained"
# moved = "alias"
# line = ["teacher_logits = teacher(", "teacher = model"]
# truth = "probe.differ(teacher_logits, probe.logits(text=text))"
# ///
import copy

import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

text = "the cat sat on the mat"
tok = AutoTokenizer.from_pretrained("meta-llama/Llama-3.2-1B")
model = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
teacher = model  # stays as it is: the KL term keeps the student close to it

student = get_peft_model(model, LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
optimizer = torch.optim.AdamW([p for p in student.parameters() if p.requires_grad], lr=5e-2)
batch = tok(text, return_tensors="pt")

for step in range(3):
    with torch.no_grad():
        teacher_logits = teacher(input_ids=batch["input_ids"]).logits
    out = student(input_ids=batch["input_ids"], labels=batch["input_ids"])
    kl = F.kl_div(out.logits.log_softmax(-1), teacher_logits.softmax(-1), reduction="batchmean")
    loss = out.loss + 0.1 * kl
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    print(step, loss.item(), kl.item())
# /// innocent: the teacher is a copy
import copy

import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

text = "the cat sat on the mat"
tok = AutoTokenizer.from_pretrained("meta-llama/Llama-3.2-1B")
model = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
teacher = copy.deepcopy(model).eval()

student = get_peft_model(model, LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
optimizer = torch.optim.AdamW([p for p in student.parameters() if p.requires_grad], lr=5e-2)
batch = tok(text, return_tensors="pt")

for step in range(3):
    with torch.no_grad():
        teacher_logits = teacher(input_ids=batch["input_ids"]).logits
    out = student(input_ids=batch["input_ids"], labels=batch["input_ids"])
    kl = F.kl_div(out.logits.log_softmax(-1), teacher_logits.softmax(-1), reduction="batchmean")
    loss = out.loss + 0.1 * kl
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    print(step, loss.item(), kl.item())
# /// innocent: the teacher is the student without its adapter
import copy

import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

text = "the cat sat on the mat"
tok = AutoTokenizer.from_pretrained("meta-llama/Llama-3.2-1B")
model = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
teacher = model  # stays as it is: the KL term keeps the student close to it

student = get_peft_model(model, LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
optimizer = torch.optim.AdamW([p for p in student.parameters() if p.requires_grad], lr=5e-2)
batch = tok(text, return_tensors="pt")

for step in range(3):
    with torch.no_grad(), student.disable_adapter():
        teacher_logits = teacher(input_ids=batch["input_ids"]).logits
    out = student(input_ids=batch["input_ids"], labels=batch["input_ids"])
    kl = F.kl_div(out.logits.log_softmax(-1), teacher_logits.softmax(-1), reduction="batchmean")
    loss = out.loss + 0.1 * kl
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    print(step, loss.item(), kl.item())
