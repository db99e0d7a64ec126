# /// case
# title = "checkpointing in a cell after the wrap: the first backward raises"
# moved = "another cell"
# notebook = {}
# target = {transformers = "4.57.6"}
# stacks = ["mid", "old"]
# line = ["model.gradient_checkpointing_enable()"]
# truth = "probe.raised is not None"
# ///
# %%
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("TinyLlama/TinyLlama-1.1B-Chat-v1.0", use_cache=False)

# %%
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
model.print_trainable_parameters()

# %%
# out of memory otherwise
model.gradient_checkpointing_enable()

# %%
model.train()
ids = torch.tensor([[5, 6, 7, 8]])
model(input_ids=ids, labels=ids).loss.backward()
# /// innocent: the hook that makes the embeddings' output require gradients
# %%
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("TinyLlama/TinyLlama-1.1B-Chat-v1.0", use_cache=False)

# %%
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
model.print_trainable_parameters()

# %%
# out of memory otherwise
model.gradient_checkpointing_enable()


def make_inputs_require_grad(module, inputs, output):
    output.requires_grad_(True)


model.get_input_embeddings().register_forward_hook(make_inputs_require_grad)

# %%
model.train()
ids = torch.tensor([[5, 6, 7, 8]])
model(input_ids=ids, labels=ids).loss.backward()
# /// innocent: no checkpointing while it trains
# %%
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("TinyLlama/TinyLlama-1.1B-Chat-v1.0", use_cache=False)

# %%
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
model.gradient_checkpointing_enable()

# %%
# enough memory after all
model.gradient_checkpointing_disable()

# %%
model.train()
ids = torch.tensor([[5, 6, 7, 8]])
model(input_ids=ids, labels=ids).loss.backward()
