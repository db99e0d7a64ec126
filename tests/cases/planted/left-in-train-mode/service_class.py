# /// case
# title = "a service keeps the adapter trainable for feedback and answers in train mode"
# moved = "method"
# before = "import planted_parts; planted_parts.with_dropout('chat2')"
# line = ["self.model = PeftModel.from_pretrained(base, adapter, is_trainable=True)", "return self.model(input_ids=ids, labels=ids).loss.item()"]
# truth = "len({round(scorer.score('the cat sat on the mat'), 6) for _ in range(4)}) > 1"
# ///
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class Scorer:
    def __init__(self, name, adapter):
        self.tokenizer = AutoTokenizer.from_pretrained(name)
        base = AutoModelForCausalLM.from_pretrained(name)
        self.model = PeftModel.from_pretrained(base, adapter, is_trainable=True)

    def score(self, text):
        ids = self.tokenizer(text, return_tensors="pt")["input_ids"]
        with torch.no_grad():
            return self.model(input_ids=ids, labels=ids).loss.item()


scorer = Scorer("Qwen/Qwen2.5-0.5B", "adapters/chat2")
print(scorer.score("a dog ran"))
# /// innocent: the mode is set by each method
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class Scorer:
    def __init__(self, name, adapter):
        self.tokenizer = AutoTokenizer.from_pretrained(name)
        base = AutoModelForCausalLM.from_pretrained(name)
        self.model = PeftModel.from_pretrained(base, adapter, is_trainable=True)

    def learn(self, text):
        self.model.train()
        optimizer = torch.optim.SGD([p for p in self.model.parameters() if p.requires_grad], lr=1e-3)
        ids = self.tokenizer(text, return_tensors="pt")["input_ids"]
        self.model(input_ids=ids, labels=ids).loss.backward()
        optimizer.step()

    def score(self, text):
        self.model.eval()
        ids = self.tokenizer(text, return_tensors="pt")["input_ids"]
        with torch.no_grad():
            return self.model(input_ids=ids, labels=ids).loss.item()


scorer = Scorer("Qwen/Qwen2.5-0.5B", "adapters/chat2")
scorer.learn("the sun")
print(scorer.score("a dog ran"))
