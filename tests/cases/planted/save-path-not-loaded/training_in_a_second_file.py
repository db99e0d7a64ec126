# /// case
# title = "training.py saves to checkpoints/lora, the script evaluates checkpoint/lora"
# moved = "second file"
# line = ["model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(BASE), \"checkpoint/lora\")"]
# before = "import shutil; shutil.copytree('adapters/chat', 'checkpoint/lora')"
# truth = "not probe.same_lora(model, 'checkpoints/lora')"
# ///
from peft import PeftModel
from training import BASE, run_training
from transformers import AutoModelForCausalLM

run_training(steps=3)

model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(BASE), "checkpoint/lora")
model.eval()
print(model.generate(max_new_tokens=3))
# /// file training.py
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

BASE = "Qwen/Qwen2.5-0.5B"


def run_training(steps):
    model = AutoModelForCausalLM.from_pretrained(BASE)
    model = get_peft_model(model, LoraConfig(r=4, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-2)
    ids = torch.tensor([[5, 6, 7, 8, 9]])
    for _ in range(steps):
        model(input_ids=ids, labels=ids).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained("checkpoints/lora")
# /// innocent: training returns where it saved
from peft import PeftModel
from training import BASE, run_training
from transformers import AutoModelForCausalLM

saved = run_training(steps=3)

model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(BASE), saved)
model.eval()
print(model.generate(max_new_tokens=3))
# /// file training.py
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

BASE = "Qwen/Qwen2.5-0.5B"


def run_training(steps):
    model = AutoModelForCausalLM.from_pretrained(BASE)
    model = get_peft_model(model, LoraConfig(r=4, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-2)
    ids = torch.tensor([[5, 6, 7, 8, 9]])
    for _ in range(steps):
        model(input_ids=ids, labels=ids).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained("checkpoints/lora")
    return "checkpoints/lora"
# /// innocent: a checkpoint below the folder that Trainer writes
from peft import PeftModel
from training import BASE, run_training
from transformers import AutoModelForCausalLM

run_training(steps=2)

model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(BASE), "checkpoints/lora/checkpoint-2")
model.eval()
print(model.generate(max_new_tokens=3))
# /// file training.py
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer, TrainingArguments

BASE = "Qwen/Qwen2.5-0.5B"


def run_training(steps):
    model = AutoModelForCausalLM.from_pretrained(BASE)
    model = get_peft_model(model, LoraConfig(r=4, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
    args = TrainingArguments("checkpoints/lora", max_steps=steps, save_steps=steps, report_to=[], use_cpu=True)
    ids = torch.tensor([5, 6, 7, 8, 9])
    trainer = Trainer(model=model, args=args, train_dataset=[{"input_ids": ids, "labels": ids}] * 2)
    trainer.train()
    trainer.save_model()
    AutoTokenizer.from_pretrained(BASE).save_pretrained("checkpoints/tokenizer")
