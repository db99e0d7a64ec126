# /// case
# title = "modules_to_save gets what append gives back: None"
# moved = "argument"
# line = ["modules_to_save=modules.append(\"embed_tokens\"),"]
# truth = "config.modules_to_save is None"
# ///
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1")
modules = ["lm_head"]
config = LoraConfig(
    r=8,
    target_modules=["q_proj", "v_proj"],
    modules_to_save=modules.append("embed_tokens"),
    task_type="CAUSAL_LM",
)
model = get_peft_model(model, config)
model.print_trainable_parameters()
# /// innocent: appended before
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1")
modules = ["lm_head"]
modules.append("embed_tokens")
config = LoraConfig(
    r=8,
    target_modules=["q_proj", "v_proj"],
    modules_to_save=modules,
    task_type="CAUSAL_LM",
)
model = get_peft_model(model, config)
model.print_trainable_parameters()
