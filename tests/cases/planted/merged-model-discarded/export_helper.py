# /// case
# title = "the helper of a second file merges and saves the model it was given"
# moved = "second file"
# file = "export.py"
# line = ["model.merge_and_unload()", "model.save_pretrained(out, safe_serialization=True)"]
# truth = "not os.path.exists('out/merged/model.safetensors')"
# ///
import os

from export import export_merged
from peft import AutoPeftModelForCausalLM

model = AutoPeftModelForCausalLM.from_pretrained("adapters/chat2")
export_merged(model, "out/merged")
print(os.listdir("out/merged"))
# /// file export.py
from peft import PeftModel


def export_merged(model: PeftModel, out: str) -> None:
    model.merge_and_unload()
    model.save_pretrained(out, safe_serialization=True)
# /// innocent: what comes back is saved
import os

from export import export_merged
from peft import AutoPeftModelForCausalLM

model = AutoPeftModelForCausalLM.from_pretrained("adapters/chat2")
export_merged(model, "out/merged")
print(os.listdir("out/merged"))
# /// file export.py
from peft import PeftModel


def export_merged(model: PeftModel, out: str) -> None:
    model.merge_and_unload().save_pretrained(out, safe_serialization=True)
