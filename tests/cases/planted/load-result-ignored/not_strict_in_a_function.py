# /// case
# title = "load_state_dict(strict=False) with keys that lack the adapter's name: nothing lands"
# moved = "function"
# line = ["load_state_dict(state, strict=False)"]
# truth = "not probe.raised and hasattr(model, 'peft_config') and not probe.raised and not probe.same_lora(model, 'chat')"
# ///
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


def restore(model, path):
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state, strict=False)
    return model


def build(base="mistralai/Mistral-7B-v0.1"):
    base = AutoModelForCausalLM.from_pretrained(base)
    return get_peft_model(base, LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))


model = restore(build(), "checkpoints/adapter_model.bin")
model.eval()
# /// innocent: the report is asked
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


def restore(model, path):
    state = torch.load(path, weights_only=True)
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected, unexpected
    return model


def build(base="mistralai/Mistral-7B-v0.1"):
    base = AutoModelForCausalLM.from_pretrained(base)
    return get_peft_model(base, LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))


model = restore(build(), "checkpoints/adapter_model.bin")
model.eval()
# /// innocent: the report is returned to a caller that asks it
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


def restore(model, path):
    state = torch.load(path, weights_only=True)
    return model.load_state_dict(state, strict=False)


def build(base="mistralai/Mistral-7B-v0.1"):
    base = AutoModelForCausalLM.from_pretrained(base)
    return get_peft_model(base, LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))


model = build()
report = restore(model, "checkpoints/lora_state.pt")
if report.unexpected_keys:
    raise SystemExit(report.unexpected_keys)
model.eval()
# /// innocent: not an adapter: the backbone of another task, whose head is left out on purpose
import torch
from transformers import AutoModel, BertConfig, BertModel

encoder = AutoModel.from_pretrained("google-bert/bert-base-uncased")
torch.save(encoder.state_dict(), "backbone.pt")

model = BertModel(BertConfig.from_pretrained("google-bert/bert-base-uncased"), add_pooling_layer=False)
state = torch.load("backbone.pt", weights_only=True)
model.load_state_dict(state, strict=False)
model.eval()
