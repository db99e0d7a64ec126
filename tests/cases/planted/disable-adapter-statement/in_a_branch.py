# /// case
# title = "with use_adapter False the context manager is made and dropped"
# moved = "branch"
# line = ["model.disable_adapter()"]
# truth = "not probe.differ(plain, tuned)"
# ///
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("llm"), "adapters/chat").eval()


@torch.no_grad()
def forward(ids, use_adapter=True):
    if not use_adapter:
        model.disable_adapter()
    return model(input_ids=ids).logits


ids = torch.tensor([[5, 6, 7, 8]])
tuned = forward(ids)
plain = forward(ids, use_adapter=False)
# /// innocent: a class of the author's with a method of that name
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM


class Switchable:
    def __init__(self, model):
        self.inner = model

    def disable_adapter(self):
        self.inner.base_model.disable_adapter_layers()

    def __call__(self, ids):
        return self.inner(input_ids=ids).logits


model = Switchable(PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("llm"), "adapters/chat").eval())


@torch.no_grad()
def forward(ids, use_adapter=True):
    if not use_adapter:
        model.disable_adapter()
    return model(ids)


ids = torch.tensor([[5, 6, 7, 8]])
tuned = forward(ids)
plain = forward(ids, use_adapter=False)
