# /// case
# title = "gradient_checkpointing_enable() on the PeftModel, whose lm_head is trained too"
# moved = "function"
# target = {transformers = "4.44.2", peft = "0.12.0"}
# stacks = ["mid", "old"]
# line = ["model.gradient_checkpointing_enable()"]
# truth = "not any(v.abs().max() > 0 for k, v in model.state_dict().items() if 'lora_B' in k)"
# ///
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


def build(name):
    model = AutoModelForCausalLM.from_pretrained(name)
    config = LoraConfig(
        r=8, target_modules=["q_proj", "v_proj"], modules_to_save=["lm_head"], task_type="CAUSAL_LM"
    )
    model = get_peft_model(model, config)
    model.gradient_checkpointing_enable()
    model.config.use_cache = False
    return model


model = build("mistralai/Mistral-7B-v0.1")
model.train()
optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=1e-2)
ids = torch.tensor([[5, 6, 7, 8, 9, 10]])
for _ in range(3):
    loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
# /// innocent: enabled before the wrap, where PEFT sees it
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


def build(name):
    model = AutoModelForCausalLM.from_pretrained(name)
    model.gradient_checkpointing_enable()
    model.config.use_cache = False
    config = LoraConfig(
        r=8, target_modules=["q_proj", "v_proj"], modules_to_save=["lm_head"], task_type="CAUSAL_LM"
    )
    return get_peft_model(model, config)


model = build("mistralai/Mistral-7B-v0.1")
model.train()
optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=1e-2)
ids = torch.tensor([[5, 6, 7, 8, 9, 10]])
for _ in range(3):
    loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
