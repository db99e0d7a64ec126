# /// case
# title = "the result is dropped; generating works because the merge is in place"
# moved = "function"
# level = "hint"
# line = ["model.merge_and_unload()"]
# truth = "type(model).__name__.startswith('Peft')"
# ///
from peft import AutoPeftModelForCausalLM
from transformers import AutoTokenizer


def load(path):
    model = AutoPeftModelForCausalLM.from_pretrained(path)
    model.merge_and_unload()
    return model.eval()


tokenizer = AutoTokenizer.from_pretrained("llm")
model = load("adapters/chat")
ids = tokenizer("a bird slept", return_tensors="pt")["input_ids"]
print(tokenizer.decode(model.generate(input_ids=ids, max_new_tokens=4)[0]))
# /// innocent: the merged model is returned
from peft import AutoPeftModelForCausalLM
from transformers import AutoTokenizer


def load(path):
    model = AutoPeftModelForCausalLM.from_pretrained(path)
    model = model.merge_and_unload()
    return model.eval()


tokenizer = AutoTokenizer.from_pretrained("llm")
model = load("adapters/chat")
ids = tokenizer("a bird slept", return_tensors="pt")["input_ids"]
print(tokenizer.decode(model.generate(input_ids=ids, max_new_tokens=4)[0]))
