# /// case
# title = "what set_adapter returns, None, is taken for the model"
# moved = "helper"
# line = ["model = model.set_adapter("]
# truth = "bool(probe.raised)"
# ///
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM


def activated(model, name):
    model = model.set_adapter(name)
    return model


model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("llm"), "adapters/chat", adapter_name="a")
model.load_adapter("adapters/chat2", adapter_name="b")
model = activated(model, "b")
logits = model(input_ids=torch.tensor([[2, 5, 6]])).logits
# /// innocent: the statement stands alone
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM


def activated(model, name):
    model.set_adapter(name)
    return model


model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("llm"), "adapters/chat", adapter_name="a")
model.load_adapter("adapters/chat2", adapter_name="b")
model = activated(model, "b")
logits = model(input_ids=torch.tensor([[2, 5, 6]])).logits
