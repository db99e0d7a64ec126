# /// case
# title = "the training helper of a second file names its adapter after what it is"
# moved = "second file"
# file = "wrapping.py"
# target = {peft = "0.12.0"}
# stacks = ["old"]
# line = ["return get_peft_model(model, LoraConfig(r=rank, task_type=\"CAUSAL_LM\"), \"lora_\")"]
# truth = "not any(name.endswith('lora_B.weight') for name in probe.saved('runs/' + next(iter(model.peft_config))))"
# ///
from transformers import AutoModelForCausalLM
from wrapping import with_lora

model = with_lora(AutoModelForCausalLM.from_pretrained("llm"), rank=4)
ids = model.dummy_inputs["input_ids"] % 20
model(input_ids=ids, labels=ids).loss.backward()
model.save_pretrained("runs")
# /// file wrapping.py
from peft import LoraConfig, get_peft_model


def with_lora(model, rank):
    return get_peft_model(model, LoraConfig(r=rank, task_type="CAUSAL_LM"), "lora_")
# /// innocent: the name left out
from transformers import AutoModelForCausalLM
from wrapping import with_lora

model = with_lora(AutoModelForCausalLM.from_pretrained("llm"), rank=4)
ids = model.dummy_inputs["input_ids"] % 20
model(input_ids=ids, labels=ids).loss.backward()
model.save_pretrained("runs/default")
# /// file wrapping.py
from peft import LoraConfig, get_peft_model


def with_lora(model, rank):
    return get_peft_model(model, LoraConfig(r=rank, task_type="CAUSAL_LM"))
