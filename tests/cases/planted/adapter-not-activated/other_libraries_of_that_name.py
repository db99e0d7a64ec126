# /// case
# title = "load_adapter of PEFT's model leaves the first one active; other libraries' load_adapter does not"
# moved = "branch"
# not_run = "adapters, gliner and diffusers are not in the stacks; the faulty program is the one of the other cases"
# line = ["model.load_adapter(args.adapter, adapter_name=\"user\")"]
# ///
import argparse

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

parser = argparse.ArgumentParser()
parser.add_argument("--adapter")
args = parser.parse_args()
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("llm"), "adapters/chat")
if args.adapter:
    model.load_adapter(args.adapter, adapter_name="user")
with torch.no_grad():
    print(model(input_ids=torch.tensor([[5, 6, 7]])).logits.argmax(-1))
# /// innocent: AdapterHub's library
import torch
from adapters import AutoAdapterModel
from transformers import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("google-bert/bert-base-uncased")
model = AutoAdapterModel.from_pretrained("google-bert/bert-base-uncased")
name = model.load_adapter("sentiment/sst-2@ukp", source="ah", set_active=True)
with torch.no_grad():
    print(model(**tokenizer("a fast train", return_tensors="pt")).logits)
# /// innocent: GLiNER
from gliner import GLiNER

model = GLiNER.from_pretrained("urchade/gliner_medium-v2.1")
model.load_adapter("adapters/gliner-legal", adapter_name="legal")
print(model.predict_entities("The cat sat in Berlin", ["city"]))
# /// innocent: diffusers
import torch
from diffusers import StableDiffusionPipeline

pipe = StableDiffusionPipeline.from_pretrained("stable-diffusion-v1-5/stable-diffusion-v1-5", torch_dtype=torch.float16)
pipe.load_lora_weights("lora/toy", adapter_name="toy")
pipe.unet.load_adapter("lora/pixel", adapter_name="pixel")
image = pipe("a cat on a mat").images[0]
