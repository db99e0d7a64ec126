# /// case
# title = "the reference log-probabilities of a preference loss come from the tuned model"
# moved = "method"
# line = ["self.model.disable_adapter()"]
# truth = "not probe.differ(loss.reference('the cat sat'), loss.policy('the cat sat'))"
# ///
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class PreferenceLoss:
    def __init__(self, name, adapter):
        self.tokenizer = AutoTokenizer.from_pretrained(name)
        self.model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(name), adapter).eval()

    def _logps(self, text):
        ids = self.tokenizer(text, return_tensors="pt")["input_ids"]
        return self.model(input_ids=ids).logits.log_softmax(-1)

    @torch.no_grad()
    def policy(self, text):
        return self._logps(text)

    @torch.no_grad()
    def reference(self, text):
        self.model.disable_adapter()
        return self._logps(text)


loss = PreferenceLoss("meta-llama/Llama-3.2-1B", "adapters/chat")
print((loss.policy("the cat sat") - loss.reference("the cat sat")).abs().max())
# /// innocent: entered where there is no reference model
import torch
from contextlib import nullcontext
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class PreferenceLoss:
    def __init__(self, name, adapter, ref_model=None):
        self.tokenizer = AutoTokenizer.from_pretrained(name)
        self.ref_model = ref_model
        self.model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(name), adapter).eval()

    def _logps(self, text):
        ids = self.tokenizer(text, return_tensors="pt")["input_ids"]
        return self.model(input_ids=ids).logits.log_softmax(-1)

    @torch.no_grad()
    def policy(self, text):
        return self._logps(text)

    @torch.no_grad()
    def reference(self, text):
        null_ref_context = self.model.disable_adapter() if self.ref_model is None else nullcontext()
        with null_ref_context:
            return self._logps(text)


loss = PreferenceLoss("meta-llama/Llama-3.2-1B", "adapters/chat")
print((loss.policy("the cat sat") - loss.reference("the cat sat")).abs().max())
