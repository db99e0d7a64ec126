# pipeline
from peft import PeftModel
from transformers import AutoModelForCausalLM

from transformers import pipeline
model=PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("gpt2"), "sft", is_trainable=True)
pipe=pipeline("text-generation", model=model, tokenizer=tok)
print(pipe("hi"))
