# validation inside the loop only
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

model=PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("gpt2"), "sft", is_trainable=True)
opt=torch.optim.AdamW(model.parameters())
for e in range(3):
    model.train()
    for b in loader:
        model(**b).loss.backward(); opt.step()
    model.eval()
    with torch.no_grad():
        print(model(**v).loss)
