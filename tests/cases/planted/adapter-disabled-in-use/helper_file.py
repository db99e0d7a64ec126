# /// case
# title = "the only call of the tuned model stands in a with disable_adapter() of a second file"
# moved = "second file"
# file = "serve.py"
# line = ["with model.disable_adapter():", "logits = model(input_ids=ids).logits"]
# truth = "not probe.differ(logits, probe.llm()(input_ids=IDS).logits)"
# ///
import torch
from peft import AutoPeftModelForCausalLM
from serve import predict

IDS = torch.tensor([[5, 6, 7, 8]])
model = AutoPeftModelForCausalLM.from_pretrained("adapters/chat").eval()
logits = predict(model, IDS)
# /// file serve.py
import torch
from peft import PeftModel


@torch.inference_mode()
def predict(model: PeftModel, ids):
    with model.disable_adapter():
        logits = model(input_ids=ids).logits
    return logits.clone()
# /// innocent: the reference stands inside, the answer outside
import torch
from peft import AutoPeftModelForCausalLM
from serve import predict

IDS = torch.tensor([[5, 6, 7, 8]])
model = AutoPeftModelForCausalLM.from_pretrained("adapters/chat").eval()
logits = predict(model, IDS)
# /// file serve.py
import torch
from peft import PeftModel


@torch.inference_mode()
def predict(model: PeftModel, ids):
    with model.disable_adapter():
        reference = model(input_ids=ids).logits
    logits = model(input_ids=ids).logits
    print("kl", (logits.log_softmax(-1) - reference.log_softmax(-1)).mean())
    return logits.clone()
