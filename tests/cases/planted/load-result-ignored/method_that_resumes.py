# /// case
# title = "a method of the trainer class restores the adapter and drops the report"
# moved = "method"
# line = ["set_peft_model_state_dict(self.model,"]
# truth = "not probe.raised and not probe.same_lora(run.model, 'chat')"
# ///
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM


class Run:
    def __init__(self, base, rank=4):
        config = LoraConfig(r=rank, lora_alpha=4 * rank, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
        self.model = get_peft_model(AutoModelForCausalLM.from_pretrained(base), config)
        self.step = 0

    def resume(self, path):
        state = load_file(path)
        # strip what the wrapper of the old run has added
        state = {k.replace("base_model.model.", "", 1): v for k, v in state.items()}
        set_peft_model_state_dict(self.model, state)
        self.step = 100


run = Run("Qwen/Qwen2.5-0.5B")
run.resume("adapters/chat/adapter_model.safetensors")
print("resumed at", run.step)
# /// innocent: kept and asked
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM


class Run:
    def __init__(self, base, rank=4):
        config = LoraConfig(r=rank, lora_alpha=4 * rank, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
        self.model = get_peft_model(AutoModelForCausalLM.from_pretrained(base), config)
        self.step = 0

    def resume(self, path):
        state = load_file(path)
        self.report = set_peft_model_state_dict(self.model, state)
        if self.report.unexpected_keys:
            raise KeyError(self.report.unexpected_keys[0])
        self.step = 100


run = Run("Qwen/Qwen2.5-0.5B")
run.resume("adapters/chat/adapter_model.safetensors")
print("resumed at", run.step)
# /// innocent: from_pretrained reads the folder itself
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM


class Run:
    def __init__(self, base, rank=4):
        config = LoraConfig(r=rank, lora_alpha=4 * rank, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
        self.model = get_peft_model(AutoModelForCausalLM.from_pretrained(base), config)
        self.step = 0

    def resume(self, path):
        base = self.model.unload()
        self.model = PeftModel.from_pretrained(base, path, is_trainable=True)
        self.step = 100


run = Run("Qwen/Qwen2.5-0.5B")
run.resume("adapters/chat")
print("resumed at", run.step)
