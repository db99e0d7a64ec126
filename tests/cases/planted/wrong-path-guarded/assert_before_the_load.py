# /// case
# title = "the assertion looks at one argument, the load at another"
# moved = "alias, second file"
# file = "loading.py"
# line = ["assert Path(adapter).exists(), adapter", "return PeftModel.from_pretrained(base, previous)"]
# truth = "not probe.same_lora(model, 'chat')"
# ///
from loading import load_with_adapter

model = load_with_adapter("llm", adapter="adapters/chat", previous="adapters/chat2")
print(model.generate(max_new_tokens=3))
# /// file loading.py
from pathlib import Path

from peft import PeftModel
from transformers import AutoModelForCausalLM


def load_with_adapter(name, adapter, previous=None):
    assert Path(adapter).exists(), adapter
    base = AutoModelForCausalLM.from_pretrained(name)
    return PeftModel.from_pretrained(base, previous)
# /// innocent: the asserted path under another name
from loading import load_with_adapter

model = load_with_adapter("llm", adapter="adapters/chat")
print(model.generate(max_new_tokens=3))
# /// file loading.py
from pathlib import Path

from peft import PeftModel
from transformers import AutoModelForCausalLM


def load_with_adapter(name, adapter):
    folder = Path(adapter)
    assert folder.exists(), adapter
    base = AutoModelForCausalLM.from_pretrained(name)
    return PeftModel.from_pretrained(base, str(folder))
