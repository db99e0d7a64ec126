# /// case
# title = "append as a value of the dictionary that LoraConfig is called with"
# moved = "dictionary, method"
# line = ["\"modules_to_save\": self.heads.append(\"score\"),"]
# truth = "'score' in builder.heads and builder.config().modules_to_save is None"
# ///
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification


class Builder:
    def __init__(self):
        self.heads = ["classifier"]

    def config(self):
        arguments = {
            "r": 4,
            "target_modules": ["query", "value"],
            "modules_to_save": self.heads.append("score"),
        }
        return LoraConfig(**arguments)

    def build(self, name):
        return get_peft_model(AutoModelForSequenceClassification.from_pretrained(name), self.config())


builder = Builder()
model = builder.build("google-bert/bert-base-uncased")
# /// innocent: append of a class whose append gives the list back
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification


class Heads(list):
    def append(self, name):
        super().append(name)
        return self


class Builder:
    def __init__(self):
        self.heads = Heads(["classifier"])

    def config(self):
        arguments = {
            "r": 4,
            "target_modules": ["query", "value"],
            "modules_to_save": self.heads.append("score"),
        }
        return LoraConfig(**arguments)

    def build(self, name):
        return get_peft_model(AutoModelForSequenceClassification.from_pretrained(name), self.config())


builder = Builder()
model = builder.build("google-bert/bert-base-uncased")
