# /// case
# title = "set_adapter after disable_adapter_layers: the layers stay off"
# moved = "method"
# line = ["self.model.base_model.disable_adapter_layers()", "self.model.set_adapter(name)", "return self.model(input_ids=ids).logits"]
# truth = "not probe.differ(router.answer('chat', IDS), router.answer(None, IDS))"
# ///
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

IDS = torch.tensor([[5, 6, 7, 8]])


class Router:
    def __init__(self, base, **paths):
        names = list(paths)
        model = AutoModelForCausalLM.from_pretrained(base)
        self.model = PeftModel.from_pretrained(model, paths[names[0]], adapter_name=names[0]).eval()
        for name in names[1:]:
            self.model.load_adapter(paths[name], adapter_name=name)
        self.model.base_model.disable_adapter_layers()

    @torch.no_grad()
    def answer(self, name, ids):
        if name is not None:
            self.model.set_adapter(name)
        return self.model(input_ids=ids).logits


router = Router("llm", chat="adapters/chat", chat2="adapters/chat2")
print(router.answer("chat", IDS).shape)
# /// innocent: switched on with the adapter, off without
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

IDS = torch.tensor([[5, 6, 7, 8]])


class Router:
    def __init__(self, base, **paths):
        names = list(paths)
        model = AutoModelForCausalLM.from_pretrained(base)
        self.model = PeftModel.from_pretrained(model, paths[names[0]], adapter_name=names[0]).eval()
        for name in names[1:]:
            self.model.load_adapter(paths[name], adapter_name=name)
        self.model.base_model.disable_adapter_layers()

    @torch.no_grad()
    def answer(self, name, ids):
        if name is not None:
            self.model.base_model.enable_adapter_layers()
            self.model.set_adapter(name)
        else:
            self.model.base_model.disable_adapter_layers()
        return self.model(input_ids=ids).logits


router = Router("llm", chat="adapters/chat", chat2="adapters/chat2")
print(router.answer("chat", IDS).shape)
