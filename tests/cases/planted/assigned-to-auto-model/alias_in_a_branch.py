# /// case
# title = "inner.auto_model is assigned in a branch and the adapter is later saved from it, which writes a full model"
# moved = "alias, branch"
# target = {sentence-transformers = "6.2.0"}
# line = ["inner.auto_model = get_peft_model(inner.auto_model, lora)"]
# truth = "not os.path.exists('lora-out/adapter_config.json')"
# ///
import argparse
import os

from peft import LoraConfig, get_peft_model
from sentence_transformers import SentenceTransformer

parser = argparse.ArgumentParser()
parser.add_argument("--full", action="store_true")
args = parser.parse_args()

encoder = SentenceTransformer("base")
inner = encoder[0]
if not args.full:
    lora = LoraConfig(r=4, target_modules=["query", "key", "value"])
    inner.auto_model = get_peft_model(inner.auto_model, lora)

trainable = sum(p.numel() for p in encoder.parameters() if p.requires_grad)
print(f"{trainable} trainable parameters")
# ... training ...
encoder[0].auto_model.save_pretrained("lora-out")
# /// innocent: the wrapped model keeps a name of its own and is saved by it
import argparse
import os

from peft import LoraConfig, get_peft_model
from sentence_transformers import SentenceTransformer

parser = argparse.ArgumentParser()
parser.add_argument("--full", action="store_true")
args = parser.parse_args()

encoder = SentenceTransformer("base")
inner = encoder[0]
wrapped = inner.auto_model
if not args.full:
    lora = LoraConfig(r=4, target_modules=["query", "key", "value"])
    wrapped = get_peft_model(inner.auto_model, lora)

optimizer_steps = 0
for text in ["the cat sat", "a dog ran"]:
    loss = (encoder(encoder.preprocess([text]))["sentence_embedding"] ** 2).mean()
    loss.backward()
    optimizer_steps += 1
print(optimizer_steps)
wrapped.save_pretrained("lora-out")
