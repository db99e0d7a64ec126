# /// case
# title = "self.model is made in __init__ and wrapped in load()"
# moved = "self.model, method"
# adapters = ["good"]
# line = ["self.model = PeftModel.from_pretrained(self.model, self.adapter_dir)"]
# truth = "not probe.differ(service.embed(['the cat sat']), probe.embed(['the cat sat']))"
# ///
from peft import PeftModel
from sentence_transformers import SentenceTransformer


class EmbeddingService:
    def __init__(self, base="BAAI/bge-small-en-v1.5", adapter_dir="adapters/good"):
        self.model = SentenceTransformer(base, device="cpu")
        self.adapter_dir = adapter_dir

    def load(self):
        self.model = PeftModel.from_pretrained(self.model, self.adapter_dir)
        self.model.eval()
        return self

    def embed(self, texts):
        return self.model.encode(texts)


service = EmbeddingService().load()
print(service.embed(["a dog ran"]).shape)
# /// innocent: the transformer inside self.model
from peft import PeftModel
from sentence_transformers import SentenceTransformer


class EmbeddingService:
    def __init__(self, base="BAAI/bge-small-en-v1.5", adapter_dir="adapters/good"):
        self.model = SentenceTransformer(base, device="cpu")
        self.adapter_dir = adapter_dir

    def load(self):
        PeftModel.from_pretrained(self.model[0].auto_model, self.adapter_dir)
        self.model.eval()
        return self

    def embed(self, texts):
        return self.model.encode(texts)


service = EmbeddingService().load()
print(service.embed(["a dog ran"]).shape)
# /// innocent: self.model is a transformers model there
import torch
from peft import PeftModel
from transformers import AutoModel, AutoTokenizer


class EmbeddingService:
    def __init__(self, base="BAAI/bge-small-en-v1.5", adapter_dir="adapters/good"):
        self.tokenizer = AutoTokenizer.from_pretrained(base)
        self.model = AutoModel.from_pretrained(base)
        self.adapter_dir = adapter_dir

    def load(self):
        self.model = PeftModel.from_pretrained(self.model, self.adapter_dir)
        self.model.eval()
        return self

    @torch.no_grad()
    def embed(self, texts):
        return self.model(**self.tokenizer(texts, return_tensors="pt")).last_hidden_state.mean(1)


service = EmbeddingService().load()
print(service.embed(["a dog ran"]).shape)
