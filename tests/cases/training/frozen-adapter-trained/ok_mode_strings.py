# mode strings
import sys

from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, Trainer

mode=sys.argv[1]
base=AutoModelForCausalLM.from_pretrained("gpt2")
if mode=="train":
    model=get_peft_model(base, LoraConfig(r=8))
    Trainer(model=model).train()
    model.save_pretrained("out")
elif mode=="eval":
    model=PeftModel.from_pretrained(base, "out")
    Trainer(model=model).evaluate()
