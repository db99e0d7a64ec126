# /// case
# title = "a service loads the tenant's adapter on first use and answers with the one loaded at the start"
# moved = "method"
# line = ["self.model.load_adapter(f\"adapters/{tenant}\", adapter_name=tenant)"]
# truth = "not probe.differ(service.logits('chat2', 'the cat sat'), service.logits('chat', 'the cat sat'))"
# ///
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class Service:
    def __init__(self, base_name, first_tenant):
        self.tokenizer = AutoTokenizer.from_pretrained(base_name)
        base = AutoModelForCausalLM.from_pretrained(base_name)
        self.model = PeftModel.from_pretrained(base, f"adapters/{first_tenant}", adapter_name=first_tenant)
        self.model.eval()
        self.loaded = {first_tenant}

    def _prepare(self, tenant):
        if tenant not in self.loaded:
            self.model.load_adapter(f"adapters/{tenant}", adapter_name=tenant)
            self.loaded.add(tenant)

    @torch.no_grad()
    def logits(self, tenant, text):
        self._prepare(tenant)
        return self.model(input_ids=self.tokenizer(text, return_tensors="pt")["input_ids"]).logits


service = Service("Qwen/Qwen2.5-0.5B", "chat")
print(service.logits("chat2", "the cat sat").shape)
# /// innocent: the tenant's adapter is activated in the method that answers
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class Service:
    def __init__(self, base_name, first_tenant):
        self.tokenizer = AutoTokenizer.from_pretrained(base_name)
        base = AutoModelForCausalLM.from_pretrained(base_name)
        self.model = PeftModel.from_pretrained(base, f"adapters/{first_tenant}", adapter_name=first_tenant)
        self.model.eval()
        self.loaded = {first_tenant}

    def _prepare(self, tenant):
        if tenant not in self.loaded:
            self.model.load_adapter(f"adapters/{tenant}", adapter_name=tenant)
            self.loaded.add(tenant)

    @torch.no_grad()
    def logits(self, tenant, text):
        self._prepare(tenant)
        self.model.set_adapter(tenant)
        return self.model(input_ids=self.tokenizer(text, return_tensors="pt")["input_ids"]).logits


service = Service("Qwen/Qwen2.5-0.5B", "chat")
print(service.logits("chat2", "the cat sat").shape)
