# /// case
# title = "a generator that was meant for the reference is the only way the model is called"
# moved = "class, context manager"
# line = ["with self.model.disable_adapter():", "return self.model(input_ids=ids).logits"]
# truth = "not probe.differ(bot.answer(IDS), probe.llm()(input_ids=IDS).logits)"
# ///
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

IDS = torch.tensor([[5, 6, 7, 8]])


class Bot:
    def __init__(self, base, adapter):
        self.model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), adapter)
        self.model.eval()

    def answer(self, ids):
        with self.model.disable_adapter():
            return self.model(input_ids=ids).logits


bot = Bot("llm", "adapters/chat")
print(bot.answer(IDS))
# /// innocent: two ways, and the program takes the one with the adapter
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

IDS = torch.tensor([[5, 6, 7, 8]])


class Bot:
    def __init__(self, base, adapter):
        self.model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), adapter)
        self.model.eval()

    def reference(self, ids):
        with self.model.disable_adapter():
            return self.model(input_ids=ids).logits

    def answer(self, ids):
        drift = (self.model(input_ids=ids).logits - self.reference(ids)).abs().max()
        print("drift", drift.item())
        return self.model(input_ids=ids).logits


bot = Bot("llm", "adapters/chat")
print(bot.answer(IDS))
