# /// case
# title = "the models of a dictionary share one base: all of them answer with the adapter loaded last"
# moved = "comprehension"
# notebook = {}
# line = ["PeftModel.from_pretrained(base, "]
# truth = "probe.differ(answers['chat'], probe.logits(text=text, adapter='chat'))"
# ///
# %%
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

text = "a bird slept in the sun"
tokenizer = AutoTokenizer.from_pretrained("llm")
base = AutoModelForCausalLM.from_pretrained("llm")

# %%
models = {name: PeftModel.from_pretrained(base, f"adapters/{name}").eval() for name in ("chat", "chat2")}

# %%
ids = tokenizer(text, return_tensors="pt").input_ids
with torch.no_grad():
    answers = {name: model(input_ids=ids).logits for name, model in models.items()}
# /// innocent: a base for each
# %%
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

text = "a bird slept in the sun"
tokenizer = AutoTokenizer.from_pretrained("llm")
base = AutoModelForCausalLM.from_pretrained("llm")

# %%
models = {name: PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("llm"), f"adapters/{name}").eval() for name in ("chat", "chat2")}

# %%
ids = tokenizer(text, return_tensors="pt").input_ids
with torch.no_grad():
    answers = {name: model(input_ids=ids).logits for name, model in models.items()}
