# /// case
# title = "prompt tuning is not done in place: the function returns the model without the prompt"
# moved = "function"
# line = ["get_peft_model(model, config)"]
# truth = "not any(p.requires_grad for p in model.parameters())"
# ///
from peft import PromptTuningConfig, TaskType, get_peft_model
from transformers import AutoModelForCausalLM


def with_soft_prompt(model, tokens=8):
    config = PromptTuningConfig(task_type=TaskType.CAUSAL_LM, num_virtual_tokens=tokens)
    get_peft_model(model, config)
    return model


model = with_soft_prompt(AutoModelForCausalLM.from_pretrained("llm"))
model.train()
# /// innocent: LoRA is done in place
from peft import LoraConfig, TaskType, get_peft_model
from transformers import AutoModelForCausalLM


def with_lora(model, rank=8):
    config = LoraConfig(task_type=TaskType.CAUSAL_LM, r=rank)
    get_peft_model(model, config)
    return model


model = with_lora(AutoModelForCausalLM.from_pretrained("llm"))
model.train()
# /// innocent: the wrapped model is returned
from peft import PromptTuningConfig, TaskType, get_peft_model
from transformers import AutoModelForCausalLM


def with_soft_prompt(model, tokens=8):
    config = PromptTuningConfig(task_type=TaskType.CAUSAL_LM, num_virtual_tokens=tokens)
    return get_peft_model(model, config)


model = with_soft_prompt(AutoModelForCausalLM.from_pretrained("llm"))
model.train()
