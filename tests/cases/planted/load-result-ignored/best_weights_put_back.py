# /// case
# title = "the best epoch's weights are put back with the wrong names after training"
# moved = "nested function"
# line = ["net.load_state_dict(best, strict=False)"]
# truth = "not probe.raised and not probe.same_lora(probe.locals['fit']['net'], 'chat')"
# ///
import torch
from peft import PeftModel, get_peft_model_state_dict
from transformers import AutoModelForCausalLM, AutoTokenizer


def fit(net, tokenizer, steps=3):
    optimizer = torch.optim.AdamW([p for p in net.parameters() if p.requires_grad], lr=5e-2)
    ids = tokenizer("a dog ran in the rain", return_tensors="pt").input_ids
    best = {k: v.clone() for k, v in get_peft_model_state_dict(net).items()}

    def restore_best():
        net.load_state_dict(best, strict=False)

    for _ in range(steps):
        loss = net(input_ids=ids, labels=ids).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    restore_best()
    return net


base = AutoModelForCausalLM.from_pretrained("llm")
model = fit(PeftModel.from_pretrained(base, "adapters/chat", is_trainable=True), AutoTokenizer.from_pretrained("llm"))
# /// innocent: the setter that knows the names, and its report
import torch
from peft import PeftModel, get_peft_model_state_dict, set_peft_model_state_dict
from transformers import AutoModelForCausalLM, AutoTokenizer


def fit(net, tokenizer, steps=3):
    optimizer = torch.optim.AdamW([p for p in net.parameters() if p.requires_grad], lr=5e-2)
    ids = tokenizer("a dog ran in the rain", return_tensors="pt").input_ids
    best = {k: v.clone() for k, v in get_peft_model_state_dict(net).items()}

    def restore_best():
        result = set_peft_model_state_dict(net, best)
        assert not result.unexpected_keys

    for _ in range(steps):
        loss = net(input_ids=ids, labels=ids).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    restore_best()
    return net


base = AutoModelForCausalLM.from_pretrained("llm")
model = fit(PeftModel.from_pretrained(base, "adapters/chat", is_trainable=True), AutoTokenizer.from_pretrained("llm"))
