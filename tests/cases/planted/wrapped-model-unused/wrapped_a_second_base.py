# /// case
# title = "the adapter goes around a base loaded inside the call; the first one is used"
# moved = "variable"
# line = ["PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(MODEL), ADAPTER)"]
# truth = "not probe.differ(probe.logits(model), probe.logits())"
# ///
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

MODEL = "TinyLlama/TinyLlama-1.1B-Chat-v1.0"
ADAPTER = "adapters/chat"

tokenizer = AutoTokenizer.from_pretrained(MODEL)
model = AutoModelForCausalLM.from_pretrained(MODEL)
PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(MODEL), ADAPTER)
model.eval()

ids = tokenizer("the cat sat on", return_tensors="pt")["input_ids"]
print(tokenizer.decode(model.generate(input_ids=ids, max_new_tokens=4)[0]))
# /// innocent: the object that is used is the one wrapped, in place
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

MODEL = "TinyLlama/TinyLlama-1.1B-Chat-v1.0"
ADAPTER = "adapters/chat"

tokenizer = AutoTokenizer.from_pretrained(MODEL)
model = AutoModelForCausalLM.from_pretrained(MODEL)
PeftModel.from_pretrained(model, ADAPTER)
model.eval()

ids = tokenizer("the cat sat on", return_tensors="pt")["input_ids"]
print(tokenizer.decode(model.generate(input_ids=ids, max_new_tokens=4)[0]))
