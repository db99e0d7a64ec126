# /// case
# title = "the adapter is merged into the 4-bit base it was trained on"
# moved = "variable"
# not_run = "needs bitsandbytes, which the stacks do not have; run once apart with it on a wider model: the 4-bit weights are rounded again, the output moves, PEFT warns"
# line = ["merged = model.merge_and_unload()"]
# ///
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

bnb = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.bfloat16)
base = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B", quantization_config=bnb, device_map="auto")
model = PeftModel.from_pretrained(base, "adapters/chat")
merged = model.merge_and_unload()
merged.save_pretrained("llama-merged")
AutoTokenizer.from_pretrained("meta-llama/Llama-3.2-1B").save_pretrained("llama-merged")
# /// innocent: merged into the base in half precision
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

base = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B", torch_dtype=torch.bfloat16, device_map="auto")
model = PeftModel.from_pretrained(base, "adapters/chat")
merged = model.merge_and_unload()
merged.save_pretrained("llama-merged")
AutoTokenizer.from_pretrained("meta-llama/Llama-3.2-1B").save_pretrained("llama-merged")
