# reloaded for merging in function
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, Trainer

def train():
    bnb=BitsAndBytesConfig(load_in_4bit=True)
    base=AutoModelForCausalLM.from_pretrained("gpt2", quantization_config=bnb)
    m=get_peft_model(base, LoraConfig(r=4))
    Trainer(model=m).train()
    m.save_pretrained("out")
def export():
    base=AutoModelForCausalLM.from_pretrained("gpt2", torch_dtype=torch.float16)
    m=PeftModel.from_pretrained(base, "out").merge_and_unload()
    m.save_pretrained("m")
train(); export()
