# reference model of DPO
from peft import PeftModel
from transformers import AutoModelForCausalLM

from trl import DPOTrainer
model=PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("gpt2"), "sft", is_trainable=True)
ref=PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("gpt2"), "sft")
DPOTrainer(model=model, ref_model=ref, args=a).train()
