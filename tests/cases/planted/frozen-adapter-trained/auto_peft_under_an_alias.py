# /// case
# title = "the AutoPeft class loads a frozen adapter, which is trained under another name"
# moved = "alias"
# line = ["optim = torch.optim.SGD(", "loss.backward()", "policy = AutoPeftModelForCausalLM.from_pretrained("]
# truth = "bool(probe.raised) or probe.same_lora(policy, 'chat')"
# ///
import torch
from peft import AutoPeftModelForCausalLM
from transformers import AutoTokenizer

policy = AutoPeftModelForCausalLM.from_pretrained("adapters/chat")
net = policy
net.train()
params = list(net.parameters())
optim = torch.optim.SGD(params, lr=0.1)

tokenizer = AutoTokenizer.from_pretrained("llm")
for text, reward in [("the cat sat", 1.0), ("the dog ran", -0.5)]:
    ids = tokenizer(text, return_tensors="pt").input_ids
    loss = reward * net(input_ids=ids, labels=ids).loss
    optim.zero_grad()
    loss.backward()
    optim.step()
net.save_pretrained("policy")
# /// innocent: loaded to be trained
import torch
from peft import AutoPeftModelForCausalLM
from transformers import AutoTokenizer

policy = AutoPeftModelForCausalLM.from_pretrained("adapters/chat", is_trainable=True)
net = policy
net.train()
params = list(net.parameters())
optim = torch.optim.SGD(params, lr=0.1)

tokenizer = AutoTokenizer.from_pretrained("llm")
for text, reward in [("the cat sat", 1.0), ("the dog ran", -0.5)]:
    ids = tokenizer(text, return_tensors="pt").input_ids
    loss = reward * net(input_ids=ids, labels=ids).loss
    optim.zero_grad()
    loss.backward()
    optim.step()
net.save_pretrained("policy")
