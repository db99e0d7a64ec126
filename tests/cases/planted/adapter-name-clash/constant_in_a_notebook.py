# /// case
# title = "ADAPTER_NAME = \"model\" in a cell of settings"
# moved = "another cell"
# notebook = {}
# target = {peft = "0.12.0"}
# stacks = ["old"]
# line = ["ADAPTER_NAME = \"model\"", "model = get_peft_model(base, LoraConfig(r=4, task_type=\"CAUSAL_LM\"), adapter_name=ADAPTER_NAME)"]
# truth = "not any(name.startswith('base_model.model.model.layers') for name in probe.saved('lora-out/' + ADAPTER_NAME))"
# ///
# %%
ADAPTER_NAME = "model"
OUT = "lora-out"

# %%
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("llm")
model = get_peft_model(base, LoraConfig(r=4, task_type="CAUSAL_LM"), adapter_name=ADAPTER_NAME)

# %%
model(input_ids=base.dummy_inputs["input_ids"] % 20, labels=base.dummy_inputs["input_ids"] % 20).loss.backward()

# %%
model.save_pretrained(OUT)
# /// innocent: another name
# %%
ADAPTER_NAME = "assistant"
OUT = "lora-out"

# %%
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("llm")
model = get_peft_model(base, LoraConfig(r=4, task_type="CAUSAL_LM"), adapter_name=ADAPTER_NAME)

# %%
model(input_ids=base.dummy_inputs["input_ids"] % 20, labels=base.dummy_inputs["input_ids"] % 20).loss.backward()

# %%
model.save_pretrained(OUT)
