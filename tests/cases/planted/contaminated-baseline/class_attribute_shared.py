# /// case
# title = "the class keeps the base as the reference and wraps the same object"
# moved = "class attribute"
# line = ["Models.base(", "ref = Models.base"]
# truth = "probe.differ(ref, probe.logits(text='the dog slept'))"
# ///
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class Models:
    name = "TinyLlama/TinyLlama-1.1B-Chat-v1.0"
    tokenizer = AutoTokenizer.from_pretrained(name)
    base = AutoModelForCausalLM.from_pretrained(name)
    chat = PeftModel.from_pretrained(base, "adapters/chat")


ids = Models.tokenizer("the dog slept", return_tensors="pt").input_ids
with torch.no_grad():
    ref = Models.base(input_ids=ids).logits
    new = Models.chat(input_ids=ids).logits
print("changed:", not torch.equal(ref, new))
# /// innocent: each has weights of its own
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class Models:
    name = "TinyLlama/TinyLlama-1.1B-Chat-v1.0"
    tokenizer = AutoTokenizer.from_pretrained(name)
    base = AutoModelForCausalLM.from_pretrained(name)
    chat = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(name), "adapters/chat")


ids = Models.tokenizer("the dog slept", return_tensors="pt").input_ids
with torch.no_grad():
    ref = Models.base(input_ids=ids).logits
    new = Models.chat(input_ids=ids).logits
print("changed:", not torch.equal(ref, new))
# /// innocent: the base is read for its device and config only
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class Models:
    name = "TinyLlama/TinyLlama-1.1B-Chat-v1.0"
    tokenizer = AutoTokenizer.from_pretrained(name)
    base = AutoModelForCausalLM.from_pretrained(name)
    chat = PeftModel.from_pretrained(base, "adapters/chat")


ids = Models.tokenizer("the dog slept", return_tensors="pt").input_ids
with torch.no_grad():
    assert ids.device == Models.base.device and Models.base.config.vocab_size > int(ids.max())
    with Models.chat.disable_adapter():
        ref = Models.chat(input_ids=ids).logits
    new = Models.chat(input_ids=ids).logits
print("changed:", not torch.equal(ref, new))
