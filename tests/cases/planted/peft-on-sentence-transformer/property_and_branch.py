# /// case
# title = "a cached property makes the encoder, a branch of another method wraps it"
# moved = "cached property, branch"
# adapters = ["second"]
# line = ["model = PeftModel.from_pretrained(self.encoder, self.adapter)"]
# truth = "not probe.differ(search.embed(['rain']), probe.embed(['rain']))"
# ///
from functools import cached_property

from peft import PeftModel
from sentence_transformers import SentenceTransformer


class Search:
    adapter = "adapters/second"

    @cached_property
    def encoder(self):
        return SentenceTransformer("base", device="cpu")

    def embed(self, texts):
        model = self.encoder
        if self.adapter:
            model = PeftModel.from_pretrained(self.encoder, self.adapter)
        return model.encode(texts)


search = Search()
print(search.embed(["the sun"]).shape)
# /// innocent: a cached property that gives the transformer inside
from functools import cached_property

from peft import PeftModel
from sentence_transformers import SentenceTransformer


class Search:
    adapter = "adapters/second"

    @cached_property
    def model(self):
        model = SentenceTransformer("base", device="cpu")
        if self.adapter:
            PeftModel.from_pretrained(model[0].auto_model, self.adapter)
        return model

    def embed(self, texts):
        return self.model.encode(texts)


search = Search()
print(search.embed(["the sun"]).shape)
