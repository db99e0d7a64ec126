# generate in a class, the loader is a function
from peft import PeftModel
from transformers import AutoModelForCausalLM

def load():
    base=AutoModelForCausalLM.from_pretrained("gpt2")
    return PeftModel.from_pretrained(base, "sft", is_trainable=True)
class Chat:
    def __init__(self):
        self.model=load()
    def ask(self, ids):
        return self.model.generate(input_ids=ids)
c=Chat()
c.ask(ids)
