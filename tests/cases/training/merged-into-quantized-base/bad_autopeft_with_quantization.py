# AutoPeft with quantization
from peft import AutoPeftModelForCausalLM
from transformers import BitsAndBytesConfig

bnb=BitsAndBytesConfig(load_in_4bit=True)
model=AutoPeftModelForCausalLM.from_pretrained("out", quantization_config=bnb)
model=model.merge_and_unload()
model.save_pretrained("m")
