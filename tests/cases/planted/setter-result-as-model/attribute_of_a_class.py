# /// case
# title = "self.model becomes the report of load_state_dict"
# moved = "method"
# line = ["self.model = self.model.load_state_dict("]
# truth = "bool(probe.raised)"
# ///
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


class Generator:
    def __init__(self, base, state):
        lora = LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
        self.model = get_peft_model(AutoModelForCausalLM.from_pretrained(base), lora)
        self.model = self.model.load_state_dict(torch.load(state, map_location="cpu", weights_only=True), strict=False)

    def __call__(self, ids):
        return self.model(input_ids=ids).logits


generator = Generator("Qwen/Qwen2.5-0.5B", "checkpoints/lora_state.pt")
print(generator(torch.tensor([[2, 5, 6]])).shape)
# /// innocent: the report is kept beside the model
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


class Generator:
    def __init__(self, base, state):
        lora = LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
        self.model = get_peft_model(AutoModelForCausalLM.from_pretrained(base), lora)
        self.loaded = self.model.load_state_dict(torch.load(state, map_location="cpu", weights_only=True), strict=False)

        if self.loaded.unexpected_keys:
            raise ValueError(state)

    def __call__(self, ids):
        return self.model(input_ids=ids).logits


generator = Generator("Qwen/Qwen2.5-0.5B", "checkpoints/lora_state.pt")
print(generator(torch.tensor([[2, 5, 6]])).shape)
