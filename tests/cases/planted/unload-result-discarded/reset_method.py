# /// case
# title = "reset() drops what unload gives back, and the next attach wraps a PeftModel"
# moved = "method"
# line = ["self.model.unload()"]
# truth = "probe.differ(probe.logits(runner.model), probe.logits(adapter='chat2'))"
# ///
from peft import PeftModel
from transformers import AutoModelForCausalLM


class Runner:
    def __init__(self, name):
        self.model = AutoModelForCausalLM.from_pretrained(name)

    def attach(self, path):
        self.model = PeftModel.from_pretrained(self.model, path)
        self.model.eval()

    def reset(self):
        self.model.unload()

    def run(self):
        return self.model.generate(max_new_tokens=3)


runner = Runner("mistralai/Mistral-7B-v0.1")
runner.attach("adapters/chat")
print(runner.run())
runner.reset()
runner.attach("adapters/chat2")
print(runner.run())
# /// innocent: reset() keeps the base
from peft import PeftModel
from transformers import AutoModelForCausalLM


class Runner:
    def __init__(self, name):
        self.model = AutoModelForCausalLM.from_pretrained(name)

    def attach(self, path):
        self.model = PeftModel.from_pretrained(self.model, path)
        self.model.eval()

    def reset(self):
        self.model = self.model.unload()

    def run(self):
        return self.model.generate(max_new_tokens=3)


runner = Runner("mistralai/Mistral-7B-v0.1")
runner.attach("adapters/chat")
print(runner.run())
runner.reset()
runner.attach("adapters/chat2")
print(runner.run())
