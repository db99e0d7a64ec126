# /// case
# title = "the layers are switched off for the baseline and stay off for the tuned model"
# moved = "variable"
# line = ["model.disable_adapter_layers()", "tuned = model(input_ids=ids).logits"]
# truth = "not probe.differ(tuned, baseline)"
# ///
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("llm")
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("llm"), "adapters/chat")
model.eval()
ids = tokenizer("a bird slept on the mat", return_tensors="pt")["input_ids"]

with torch.no_grad():
    model.disable_adapter_layers()
    baseline = model(input_ids=ids).logits

    tuned = model(input_ids=ids).logits
print((baseline - tuned).abs().mean())
# /// innocent: switched back
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("llm")
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("llm"), "adapters/chat")
model.eval()
ids = tokenizer("a bird slept on the mat", return_tensors="pt")["input_ids"]

with torch.no_grad():
    model.disable_adapter_layers()
    baseline = model(input_ids=ids).logits
    model.enable_adapter_layers()
    tuned = model(input_ids=ids).logits
print((baseline - tuned).abs().mean())
# /// innocent: the tuned model is measured first
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("llm")
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("llm"), "adapters/chat")
model.eval()
ids = tokenizer("a bird slept on the mat", return_tensors="pt")["input_ids"]

with torch.no_grad():
    tuned = model(input_ids=ids).logits
    model.disable_adapter_layers()
    baseline = model(input_ids=ids).logits
print((baseline - tuned).abs().mean())
