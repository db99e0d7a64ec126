# /// case
# title = "trained and saved to outputs/, evaluated from the folder of an earlier run, output/"
# moved = "variable"
# before = "import shutil; shutil.copytree('adapters/chat', 'output/lora-chat')"
# line = ["model = PeftModel.from_pretrained(base, \"output/lora-chat\")", "model.save_pretrained(\"outputs/lora-chat\")"]
# truth = "not probe.same_lora(model, 'outputs/lora-chat')"
# ///
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "meta-llama/Llama-3.2-1B"
tokenizer = AutoTokenizer.from_pretrained(BASE)
base = AutoModelForCausalLM.from_pretrained(BASE)
model = get_peft_model(base, LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))

optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=1e-2)
for text in ["the cat sat on the mat", "the car was fast"] * 2:
    ids = tokenizer(text, return_tensors="pt")["input_ids"]
    loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
model.save_pretrained("outputs/lora-chat")

# evaluation
base = AutoModelForCausalLM.from_pretrained(BASE)
model = PeftModel.from_pretrained(base, "output/lora-chat")
model.eval()
ids = tokenizer("the cat sat", return_tensors="pt")["input_ids"]
print(model(input_ids=ids, labels=ids).loss)
# /// innocent: evaluated from where it was saved
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "meta-llama/Llama-3.2-1B"
tokenizer = AutoTokenizer.from_pretrained(BASE)
base = AutoModelForCausalLM.from_pretrained(BASE)
model = get_peft_model(base, LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))

optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=1e-2)
for text in ["the cat sat on the mat", "the car was fast"] * 2:
    ids = tokenizer(text, return_tensors="pt")["input_ids"]
    loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
model.save_pretrained("outputs/lora-chat")

# evaluation
base = AutoModelForCausalLM.from_pretrained(BASE)
model = PeftModel.from_pretrained(base, "./outputs/lora-chat/")
model.eval()
ids = tokenizer("the cat sat", return_tensors="pt")["input_ids"]
print(model(input_ids=ids, labels=ids).loss)
# /// innocent: the earlier run is loaded as well, to compare the two
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "meta-llama/Llama-3.2-1B"
tokenizer = AutoTokenizer.from_pretrained(BASE)
base = AutoModelForCausalLM.from_pretrained(BASE)
model = get_peft_model(base, LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))

optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=1e-2)
for text in ["the cat sat on the mat", "the car was fast"] * 2:
    ids = tokenizer(text, return_tensors="pt")["input_ids"]
    loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
model.save_pretrained("outputs/lora-chat")

# evaluation
old = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(BASE), "output/lora-chat").eval()
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(BASE), "outputs/lora-chat").eval()
ids = tokenizer("the cat sat", return_tensors="pt")["input_ids"]
print(old(input_ids=ids, labels=ids).loss, model(input_ids=ids, labels=ids).loss)
