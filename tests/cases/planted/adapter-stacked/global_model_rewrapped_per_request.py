# /// case
# title = "every request wraps the global model once more"
# moved = "global"
# line = ["model = PeftModel.from_pretrained(model, "]
# truth = "probe.differ(second, probe.logits(text='the dog slept', adapter='chat2'))"
# ///
"""Serve several tenants from one base model, one LoRA each."""
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

MODEL_ID = "TinyLlama/TinyLlama-1.1B-Chat-v1.0"
TENANTS = {"acme": "adapters/chat", "umbrella": "adapters/chat2"}

tokenizer = AutoTokenizer.from_pretrained(MODEL_ID)
model = AutoModelForCausalLM.from_pretrained(MODEL_ID)


def predict(tenant: str, prompt: str) -> torch.Tensor:
    global model
    model = PeftModel.from_pretrained(model, TENANTS[tenant])
    model.eval()
    inputs = tokenizer(prompt, return_tensors="pt")
    with torch.inference_mode():
        return model(input_ids=inputs.input_ids).logits


first = predict("acme", "the cat sat")
second = predict("umbrella", "the dog slept")
# /// innocent: the base is loaded per request
"""Serve several tenants from one base model, one LoRA each."""
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

MODEL_ID = "TinyLlama/TinyLlama-1.1B-Chat-v1.0"
TENANTS = {"acme": "adapters/chat", "umbrella": "adapters/chat2"}

tokenizer = AutoTokenizer.from_pretrained(MODEL_ID)
model = AutoModelForCausalLM.from_pretrained(MODEL_ID)


def predict(tenant: str, prompt: str) -> torch.Tensor:
    base = AutoModelForCausalLM.from_pretrained(MODEL_ID)
    model = PeftModel.from_pretrained(base, TENANTS[tenant])
    model.eval()
    inputs = tokenizer(prompt, return_tensors="pt")
    with torch.inference_mode():
        return model(input_ids=inputs.input_ids).logits


first = predict("acme", "the cat sat")
second = predict("umbrella", "the dog slept")
# /// innocent: all adapters are loaded once and chosen per request
"""Serve several tenants from one base model, one LoRA each."""
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

MODEL_ID = "TinyLlama/TinyLlama-1.1B-Chat-v1.0"
TENANTS = {"acme": "adapters/chat", "umbrella": "adapters/chat2"}

tokenizer = AutoTokenizer.from_pretrained(MODEL_ID)
model = AutoModelForCausalLM.from_pretrained(MODEL_ID)
model = PeftModel.from_pretrained(model, TENANTS["acme"], adapter_name="acme")
model.load_adapter(TENANTS["umbrella"], adapter_name="umbrella")
model.eval()


def predict(tenant: str, prompt: str) -> torch.Tensor:
    model.set_adapter(tenant)
    inputs = tokenizer(prompt, return_tensors="pt")
    with torch.inference_mode():
        return model(input_ids=inputs.input_ids).logits


first = predict("acme", "the cat sat")
second = predict("umbrella", "the dog slept")
