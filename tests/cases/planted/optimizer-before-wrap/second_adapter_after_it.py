# /// case
# title = "a second adapter is added and activated after the optimizer took the first one's parameters"
# moved = "order"
# line = ["optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-2)", "model.add_adapter(\"task_b\", lora)", "model.set_adapter(\"task_b\")"]
# truth = "not any(v.abs().max() > 0 for k, v in model.state_dict().items() if 'lora_B.task_b' in k)"
# ///
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

lora = LoraConfig(r=4, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
model = get_peft_model(AutoModelForCausalLM.from_pretrained("llm"), lora, adapter_name="task_a")
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-2)
ids = torch.tensor([[5, 6, 7, 8]])


def train(steps):
    for _ in range(steps):
        model(input_ids=ids, labels=ids).loss.backward()
        optimizer.step()
        optimizer.zero_grad()


train(2)
model.add_adapter("task_b", lora)
model.set_adapter("task_b")
train(2)
# /// innocent: an optimizer for the second adapter
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

lora = LoraConfig(r=4, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
model = get_peft_model(AutoModelForCausalLM.from_pretrained("llm"), lora, adapter_name="task_a")
ids = torch.tensor([[5, 6, 7, 8]])


def train(steps):
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-2)
    for _ in range(steps):
        model(input_ids=ids, labels=ids).loss.backward()
        optimizer.step()
        optimizer.zero_grad()


train(2)
model.add_adapter("task_b", lora)
model.set_adapter("task_b")
train(2)
