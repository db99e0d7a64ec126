# /// case
# title = "the loader returns what the setter returns"
# moved = "function"
# line = ["return set_peft_model_state_dict(", "model = load_weights("]
# truth = "not callable(getattr(model, 'forward', None))"
# ///
from peft import LoraConfig, get_peft_model, load_peft_weights, set_peft_model_state_dict
from transformers import AutoModelForCausalLM


def load_weights(model, folder):
    return set_peft_model_state_dict(model, load_peft_weights(folder))


base = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1")
model = get_peft_model(base, LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
model = load_weights(model, "adapters/chat")
# /// innocent: the loader returns the model
from peft import LoraConfig, get_peft_model, load_peft_weights, set_peft_model_state_dict
from transformers import AutoModelForCausalLM


def load_weights(model, folder):
    outcome = set_peft_model_state_dict(model, load_peft_weights(folder))
    print(outcome.unexpected_keys)
    return model


base = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1")
model = get_peft_model(base, LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
model = load_weights(model, "adapters/chat")
# /// innocent: the caller takes it for a report
from peft import LoraConfig, get_peft_model, load_peft_weights, set_peft_model_state_dict
from transformers import AutoModelForCausalLM


def load_weights(model, folder):
    return set_peft_model_state_dict(model, load_peft_weights(folder))


base = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1")
model = get_peft_model(base, LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
report = load_weights(model, "adapters/chat")
assert not report.unexpected_keys
