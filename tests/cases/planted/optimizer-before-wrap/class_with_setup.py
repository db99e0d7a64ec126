# /// case
# title = "__init__ makes the optimizer, add_lora wraps afterwards"
# moved = "method"
# line = ["self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.1)", "self.model = get_peft_model(self.model, LoraConfig(r=4, target_modules=[\"q_proj\"], task_type=\"CAUSAL_LM\"))"]
# truth = "not any(v.abs().max() > 0 for k, v in tuner.model.state_dict().items() if 'lora_B' in k)"
# ///
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


class Tuner:
    def __init__(self, name):
        self.model = AutoModelForCausalLM.from_pretrained(name)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.1)

    def add_lora(self):
        self.model = get_peft_model(self.model, LoraConfig(r=4, target_modules=["q_proj"], task_type="CAUSAL_LM"))

    def step(self, ids):
        self.model(input_ids=ids, labels=ids).loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad()


tuner = Tuner("mistralai/Mistral-7B-v0.1")
tuner.add_lora()
for _ in range(3):
    tuner.step(torch.tensor([[5, 6, 7, 8]]))
# /// innocent: the optimizer is made when it is first needed
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


class Tuner:
    def __init__(self, name):
        self.model = AutoModelForCausalLM.from_pretrained(name)
        self.optimizer = None

    def add_lora(self):
        self.model = get_peft_model(self.model, LoraConfig(r=4, target_modules=["q_proj"], task_type="CAUSAL_LM"))

    def step(self, ids):
        if self.optimizer is None:
            self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.1)
        self.model(input_ids=ids, labels=ids).loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad()


tuner = Tuner("mistralai/Mistral-7B-v0.1")
tuner.add_lora()
for _ in range(3):
    tuner.step(torch.tensor([[5, 6, 7, 8]]))
