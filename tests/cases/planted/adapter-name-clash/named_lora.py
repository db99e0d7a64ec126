# /// case
# title = "an adapter called lora: 0.12 strips the name out of every key it saves"
# moved = "argument"
# target = {peft = "0.12.0"}
# stacks = ["old"]
# line = ["model = get_peft_model(base, config, adapter_name=\"lora\")"]
# truth = "probe.differ(trained, probe.logits(again))"
# ///
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("mistralai/Mistral-7B-v0.1")
base = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1")
config = LoraConfig(r=4, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
model = get_peft_model(base, config, adapter_name="lora")
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=5e-2)
ids = tokenizer("the cat sat on the mat", return_tensors="pt")["input_ids"]
for _ in range(3):
    model(input_ids=ids, labels=ids).loss.backward()
    optimizer.step()
    optimizer.zero_grad()
trained = model.eval()(input_ids=ids).logits.detach()
model.save_pretrained("out")

base = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1")
again = PeftModel.from_pretrained(base, "out/lora")
# /// innocent: a name that is no part of a key
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("mistralai/Mistral-7B-v0.1")
base = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1")
config = LoraConfig(r=4, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
model = get_peft_model(base, config, adapter_name="lora_adapter")
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=5e-2)
ids = tokenizer("the cat sat on the mat", return_tensors="pt")["input_ids"]
for _ in range(3):
    model(input_ids=ids, labels=ids).loss.backward()
    optimizer.step()
    optimizer.zero_grad()
trained = model.eval()(input_ids=ids).logits.detach()
model.save_pretrained("out")

base = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1")
again = PeftModel.from_pretrained(base, "out/lora_adapter")
