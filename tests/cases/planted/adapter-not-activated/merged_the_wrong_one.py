# /// case
# title = "the second adapter is loaded, and the merge takes the first"
# moved = "function"
# line = ["model.load_adapter(path, adapter_name=\"domain\")"]
# truth = "probe.differ(probe.logits(merged), probe.logits(adapter='chat2'), 1e-4)"
# ///
from peft import AutoPeftModelForCausalLM


def merge_domain(path, out):
    model = AutoPeftModelForCausalLM.from_pretrained("adapters/chat")
    model.load_adapter(path, adapter_name="domain")
    merged = model.merge_and_unload()
    merged.save_pretrained(out)
    return merged


merged = merge_domain("adapters/chat2", "merged-domain")
# /// innocent: the merge names the adapter
from peft import AutoPeftModelForCausalLM


def merge_domain(path, out):
    model = AutoPeftModelForCausalLM.from_pretrained("adapters/chat")
    model.load_adapter(path, adapter_name="domain")
    merged = model.merge_and_unload(adapter_names=["domain"])
    merged.save_pretrained(out)
    return merged


merged = merge_domain("adapters/chat2", "merged-domain")
