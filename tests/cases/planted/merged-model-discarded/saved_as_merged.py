# /// case
# title = "merge_and_unload as a statement, then the PeftModel is saved: an adapter file without tensors"
# moved = "variable"
# line = ["model.merge_and_unload()", "model.save_pretrained(\"merged-model\")"]
# truth = "not os.path.exists('merged-model/config.json')"
# ///
import os

from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

base = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1")
tokenizer = AutoTokenizer.from_pretrained("mistralai/Mistral-7B-v0.1")

model = PeftModel.from_pretrained(base, "adapters/chat")
model.merge_and_unload()

model.save_pretrained("merged-model")
tokenizer.save_pretrained("merged-model")
print(sorted(os.listdir("merged-model")))
# /// innocent: the merged model is what is saved
import os

from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

base = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1")
tokenizer = AutoTokenizer.from_pretrained("mistralai/Mistral-7B-v0.1")

model = PeftModel.from_pretrained(base, "adapters/chat")
model = model.merge_and_unload()

model.save_pretrained("merged-model")
tokenizer.save_pretrained("merged-model")
print(sorted(os.listdir("merged-model")))
# /// innocent: merged in place, and the base's own name saved
import os

from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

base = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1")
tokenizer = AutoTokenizer.from_pretrained("mistralai/Mistral-7B-v0.1")

model = PeftModel.from_pretrained(base, "adapters/chat")
model.merge_and_unload()

base.save_pretrained("merged-model")
tokenizer.save_pretrained("merged-model")
print(sorted(os.listdir("merged-model")))
