# /// case
# title = "the adapter's config is read and a new adapter of that shape is put on the base; its weights are never read"
# moved = "function"
# line = ["model = get_peft_model(base, config)"]
# truth = "not probe.differ(probe.logits(model), probe.logits())"
# ///
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "meta-llama/Llama-3.2-1B"
ADAPTER = "adapters/chat"


def load_finetuned(adapter_path):
    base = AutoModelForCausalLM.from_pretrained(BASE)
    config = LoraConfig.from_pretrained(adapter_path)
    model = get_peft_model(base, config)
    model.eval()
    return model


tokenizer = AutoTokenizer.from_pretrained(BASE)
model = load_finetuned(ADAPTER)
prompt = tokenizer("the cat sat on", return_tensors="pt")
print(tokenizer.decode(model.generate(input_ids=prompt["input_ids"], max_new_tokens=4)[0]))
# /// innocent: the config is only passed on to the real load
from peft import LoraConfig, PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "meta-llama/Llama-3.2-1B"
ADAPTER = "adapters/chat"


def load_finetuned(adapter_path):
    base = AutoModelForCausalLM.from_pretrained(BASE)
    config = LoraConfig.from_pretrained(adapter_path)
    model = PeftModel.from_pretrained(base, adapter_path, config=config)
    model.eval()
    return model


tokenizer = AutoTokenizer.from_pretrained(BASE)
model = load_finetuned(ADAPTER)
prompt = tokenizer("the cat sat on", return_tensors="pt")
print(tokenizer.decode(model.generate(input_ids=prompt["input_ids"], max_new_tokens=4)[0]))
