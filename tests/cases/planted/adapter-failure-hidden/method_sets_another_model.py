# /// case
# title = "the service falls back to the plain model in its constructor"
# moved = "method"
# line = ["except:"]
# truth = "not probe.raised and not probe.differ(out, probe.logits(text='the cat sat'))"
# ///
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class TextService:
    BASE = "meta-llama/Llama-3.2-1B"

    def __init__(self, adapter):
        self.tokenizer = AutoTokenizer.from_pretrained(self.BASE)
        self.model = self._load(adapter)
        self.model.eval()

    def _load(self, adapter):
        try:
            model = AutoModelForCausalLM.from_pretrained(self.BASE)
            return PeftModel.from_pretrained(model, adapter)
        except:
            return AutoModelForCausalLM.from_pretrained(self.BASE)

    @torch.no_grad()
    def score(self, text):
        return self.model(input_ids=self.tokenizer(text, return_tensors="pt").input_ids).logits


service = TextService("adapters/chatt")
out = service.score("the cat sat")
# /// innocent: the bare except only cleans up and raises
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class TextService:
    BASE = "meta-llama/Llama-3.2-1B"

    def __init__(self, adapter):
        self.tokenizer = AutoTokenizer.from_pretrained(self.BASE)
        self.model = self._load(adapter)
        self.model.eval()

    def _load(self, adapter):
        try:
            model = AutoModelForCausalLM.from_pretrained(self.BASE)
            return PeftModel.from_pretrained(model, adapter)
        except:
            self.tokenizer = None
            raise

    @torch.no_grad()
    def score(self, text):
        return self.model(input_ids=self.tokenizer(text, return_tensors="pt").input_ids).logits


service = TextService("adapters/chatt")
out = service.score("the cat sat")
# /// innocent: no try at all
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class TextService:
    BASE = "meta-llama/Llama-3.2-1B"

    def __init__(self, adapter):
        self.tokenizer = AutoTokenizer.from_pretrained(self.BASE)
        self.model = self._load(adapter)
        self.model.eval()

    def _load(self, adapter):
        model = AutoModelForCausalLM.from_pretrained(self.BASE)
        return PeftModel.from_pretrained(model, adapter)

    @torch.no_grad()
    def score(self, text):
        return self.model(input_ids=self.tokenizer(text, return_tensors="pt").input_ids).logits


service = TextService("adapters/chatt")
out = service.score("the cat sat")
