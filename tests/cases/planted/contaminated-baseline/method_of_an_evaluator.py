# /// case
# title = "a method measures self.base, whose transformer the constructor wrapped"
# moved = "method"
# line = ["self.base.encode(texts", "self.base_embeddings(texts)"]
# truth = "probe.differ(report['base'], probe.embed(TEXTS))"
# ///
from peft import PeftModel
from sentence_transformers import SentenceTransformer

TEXTS = ["the cat sat on the mat", "the dog slept in the car", "a bus was slow"]


class AdapterEvaluator:
    """Embeds the same texts with and without the adapter."""

    def __init__(self, model_name: str, adapter_path: str):
        self.base = SentenceTransformer(model_name, device="cpu")
        self.tuned = PeftModel.from_pretrained(self.base[0].auto_model, adapter_path)
        self.tuned.eval()
        self.model_name = model_name

    def base_embeddings(self, texts):
        return self.base.encode(texts, normalize_embeddings=False)

    def tuned_states(self, texts):
        batch = self.base.tokenizer(texts, padding=True, return_tensors="pt")
        return self.tuned(**batch).last_hidden_state.detach()

    def report(self, texts):
        return {
            "model": self.model_name,
            "device": str(self.base.device),
            "tuned": self.tuned_states(texts),
            "base": self.base_embeddings(texts),
        }


evaluator = AdapterEvaluator("BAAI/bge-small-en-v1.5", "adapters/good")
report = evaluator.report(TEXTS)
print(report["base"].shape)
# /// innocent: the wrapped encoder is one of its own
from peft import PeftModel
from sentence_transformers import SentenceTransformer

TEXTS = ["the cat sat on the mat", "the dog slept in the car", "a bus was slow"]


class AdapterEvaluator:
    """Embeds the same texts with and without the adapter."""

    def __init__(self, model_name: str, adapter_path: str):
        self.base = SentenceTransformer(model_name, device="cpu")
        self.encoder = SentenceTransformer(model_name, device="cpu")
        self.tuned = PeftModel.from_pretrained(self.encoder[0].auto_model, adapter_path)
        self.tuned.eval()
        self.model_name = model_name

    def base_embeddings(self, texts):
        return self.base.encode(texts, normalize_embeddings=False)

    def tuned_states(self, texts):
        batch = self.base.tokenizer(texts, padding=True, return_tensors="pt")
        return self.tuned(**batch).last_hidden_state.detach()

    def report(self, texts):
        return {
            "model": self.model_name,
            "device": str(self.base.device),
            "tuned": self.tuned_states(texts),
            "base": self.base_embeddings(texts),
        }


evaluator = AdapterEvaluator("BAAI/bge-small-en-v1.5", "adapters/good")
report = evaluator.report(TEXTS)
print(report["base"].shape)
# /// innocent: the adapter is switched off while the base is measured
from peft import PeftModel
from sentence_transformers import SentenceTransformer

TEXTS = ["the cat sat on the mat", "the dog slept in the car", "a bus was slow"]


class AdapterEvaluator:
    """Embeds the same texts with and without the adapter."""

    def __init__(self, model_name: str, adapter_path: str):
        self.base = SentenceTransformer(model_name, device="cpu")
        self.tuned = PeftModel.from_pretrained(self.base[0].auto_model, adapter_path)
        self.tuned.eval()
        self.model_name = model_name

    def base_embeddings(self, texts):
        with self.tuned.disable_adapter():
            return self.base.encode(texts, normalize_embeddings=False)

    def tuned_states(self, texts):
        batch = self.base.tokenizer(texts, padding=True, return_tensors="pt")
        return self.tuned(**batch).last_hidden_state.detach()

    def report(self, texts):
        return {
            "model": self.model_name,
            "device": str(self.base.device),
            "tuned": self.tuned_states(texts),
            "base": self.base_embeddings(texts),
        }


evaluator = AdapterEvaluator("BAAI/bge-small-en-v1.5", "adapters/good")
report = evaluator.report(TEXTS)
print(report["base"].shape)
