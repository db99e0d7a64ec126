# /// case
# title = "the method binds the tuned model to a local name and never to self"
# moved = "method"
# line = ["model = PeftModel.from_pretrained(self._fresh(), path)"]
# truth = "not probe.differ(probe.logits(judge.model), probe.logits())"
# ///
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class Judge:
    def __init__(self, name, adapter=None):
        self.name = name
        self.tokenizer = AutoTokenizer.from_pretrained(name)
        self.model = self._fresh()
        if adapter:
            self.use(adapter)

    def _fresh(self):
        return AutoModelForCausalLM.from_pretrained(self.name)

    def use(self, path):
        model = PeftModel.from_pretrained(self._fresh(), path)
        model.eval()

    @torch.no_grad()
    def loss(self, text):
        ids = self.tokenizer(text, return_tensors="pt")["input_ids"]
        return self.model(input_ids=ids, labels=ids).loss.item()


judge = Judge("Qwen/Qwen2.5-0.5B", "adapters/chat2")
print(judge.loss("a dog ran in the rain"))
# /// innocent: bound to self
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class Judge:
    def __init__(self, name, adapter=None):
        self.name = name
        self.tokenizer = AutoTokenizer.from_pretrained(name)
        self.model = self._fresh()
        if adapter:
            self.use(adapter)

    def _fresh(self):
        return AutoModelForCausalLM.from_pretrained(self.name)

    def use(self, path):
        model = PeftModel.from_pretrained(self._fresh(), path)
        model.eval()
        self.model = model

    @torch.no_grad()
    def loss(self, text):
        ids = self.tokenizer(text, return_tensors="pt")["input_ids"]
        return self.model(input_ids=ids, labels=ids).loss.item()


judge = Judge("Qwen/Qwen2.5-0.5B", "adapters/chat2")
print(judge.loss("a dog ran in the rain"))
