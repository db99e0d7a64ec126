# adversarial embedding optimisation
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

model=PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("gpt2"), "sft")
delta=torch.zeros(1,4,768, requires_grad=True)
opt=torch.optim.Adam([delta], lr=1e-2)
for _ in range(5):
    loss=model(inputs_embeds=delta, labels=ids).loss
    loss.backward(); opt.step()
