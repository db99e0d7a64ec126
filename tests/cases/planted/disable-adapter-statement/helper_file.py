# /// case
# title = "a helper named without_adapter calls disable_adapter and the model"
# moved = "second file"
# file = "compare.py"
# line = ["model.disable_adapter()"]
# truth = "not probe.differ(before, after)"
# ///
from compare import with_adapter, without_adapter
from peft import AutoPeftModelForCausalLM

model = AutoPeftModelForCausalLM.from_pretrained("adapters/chat2").eval()
before = without_adapter(model)
after = with_adapter(model)
print((before - after).abs().max())
# /// file compare.py
import torch
from peft import PeftModel

IDS = torch.tensor([[5, 6, 7, 8]])


@torch.no_grad()
def without_adapter(model: PeftModel):
    model.disable_adapter()
    return model(input_ids=IDS).logits


@torch.no_grad()
def with_adapter(model: PeftModel):
    return model(input_ids=IDS).logits
# /// innocent: entered in the helper
from compare import with_adapter, without_adapter
from peft import AutoPeftModelForCausalLM

model = AutoPeftModelForCausalLM.from_pretrained("adapters/chat2").eval()
before = without_adapter(model)
after = with_adapter(model)
print((before - after).abs().max())
# /// file compare.py
import torch
from peft import PeftModel

IDS = torch.tensor([[5, 6, 7, 8]])


@torch.no_grad()
def without_adapter(model: PeftModel):
    with model.disable_adapter():
        return model(input_ids=IDS).logits


@torch.no_grad()
def with_adapter(model: PeftModel):
    return model(input_ids=IDS).logits
