# /// case
# title = "the patch sits in a helper that another function calls before training"
# moved = "function"
# stacks = ["mid", "old"]
# target = {peft = "0.14.0"}
# line = ["model.state_dict = (lambda", "model.save_pretrained(\"out\")"]
# truth = "not probe.saved('out')"
# ///
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict
from transformers import LlamaForCausalLM


def only_lora_weights(model):
    """Trainer checkpoints should hold the LoRA weights only."""
    old_state_dict = model.state_dict
    model.state_dict = (lambda self, *_, **__: get_peft_model_state_dict(self, old_state_dict())).__get__(model, type(model))
    return model


def main():
    model = LlamaForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1", torch_dtype="auto")
    lora = LoraConfig(r=4, target_modules=["q_proj", "v_proj"], init_lora_weights=False, task_type="CAUSAL_LM")
    model = only_lora_weights(get_peft_model(model, lora))
    model.save_pretrained("out")


if __name__ == "__main__":
    main()
# /// innocent: the weights are handed to the save, the model is not patched
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict
from transformers import LlamaForCausalLM


def only_lora_weights(model):
    """Trainer checkpoints should hold the LoRA weights only."""
    old_state_dict = model.state_dict
    model.state_dict = (lambda self, *_, **__: get_peft_model_state_dict(self, old_state_dict())).__get__(model, type(model))
    return model


def main():
    model = LlamaForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1", torch_dtype="auto")
    lora = LoraConfig(r=4, target_modules=["q_proj", "v_proj"], init_lora_weights=False, task_type="CAUSAL_LM")
    model = get_peft_model(model, lora)
    model.save_pretrained("out", state_dict=model.state_dict())


if __name__ == "__main__":
    main()
