# dict of kwargs
from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM, Trainer

KW={"load_in_4bit":True,"device_map":"auto"}
base=AutoModelForCausalLM.from_pretrained("gpt2", **KW)
base=prepare_model_for_kbit_training(base)
m=get_peft_model(base, LoraConfig(r=4))
Trainer(model=m).train()
m=m.merge_and_unload()
m.push_to_hub("x")
