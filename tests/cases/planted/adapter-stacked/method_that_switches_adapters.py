# /// case
# title = "switching adapters wraps self.model again"
# moved = "method"
# line = ["self.model = PeftModel.from_pretrained(self.model, path)"]
# truth = "probe.differ(out, probe.logits(text='the train was slow', adapter='chat2'))"
# ///
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class ChatBot:
    def __init__(self, base: str):
        self.name = base
        self.tokenizer = AutoTokenizer.from_pretrained(base)
        self.model = AutoModelForCausalLM.from_pretrained(base)
        self.current = None

    def use(self, path: str) -> None:
        if path == self.current:
            return
        self.model = PeftModel.from_pretrained(self.model, path)
        self.model.eval()
        self.current = path

    @torch.no_grad()
    def logits(self, text: str):
        return self.model(input_ids=self.tokenizer(text, return_tensors="pt").input_ids).logits


bot = ChatBot("meta-llama/Llama-3.2-1B")
bot.use("adapters/chat")
print(bot.logits("the cat sat").shape)
bot.use("adapters/chat2")
out = bot.logits("the train was slow")
# /// innocent: self.base is kept bare and reloaded
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class ChatBot:
    def __init__(self, base: str):
        self.name = base
        self.tokenizer = AutoTokenizer.from_pretrained(base)
        self.model = AutoModelForCausalLM.from_pretrained(base)
        self.current = None

    def use(self, path: str) -> None:
        if path == self.current:
            return
        base = AutoModelForCausalLM.from_pretrained(self.name)
        self.model = PeftModel.from_pretrained(base, path)
        self.model.eval()
        self.current = path

    @torch.no_grad()
    def logits(self, text: str):
        return self.model(input_ids=self.tokenizer(text, return_tensors="pt").input_ids).logits


bot = ChatBot("meta-llama/Llama-3.2-1B")
bot.use("adapters/chat")
print(bot.logits("the cat sat").shape)
bot.use("adapters/chat2")
out = bot.logits("the train was slow")
# /// innocent: the adapter in use is unloaded first
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class ChatBot:
    def __init__(self, base: str):
        self.name = base
        self.tokenizer = AutoTokenizer.from_pretrained(base)
        self.model = AutoModelForCausalLM.from_pretrained(base)
        self.current = None

    def use(self, path: str) -> None:
        if path == self.current:
            return
        if isinstance(self.model, PeftModel):
            self.model = self.model.unload()
        self.model = PeftModel.from_pretrained(self.model, path)
        self.model.eval()
        self.current = path

    @torch.no_grad()
    def logits(self, text: str):
        return self.model(input_ids=self.tokenizer(text, return_tensors="pt").input_ids).logits


bot = ChatBot("meta-llama/Llama-3.2-1B")
bot.use("adapters/chat")
print(bot.logits("the cat sat").shape)
bot.use("adapters/chat2")
out = bot.logits("the train was slow")
