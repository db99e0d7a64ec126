# eval in helper
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

def evaluate(model):
    model.eval()
    with torch.no_grad():
        return model(**b).loss
model=PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("gpt2"), "sft", is_trainable=True)
print(evaluate(model))
