# unknown helper in between
from peft import PeftModel
from transformers import AutoModelForCausalLM, Trainer

from mylib import make_trainable
model=PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("gpt2"), "sft")
make_trainable(model)
Trainer(model=model).train()
