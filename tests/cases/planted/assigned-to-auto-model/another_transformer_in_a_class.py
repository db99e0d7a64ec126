# /// case
# title = "a PeftModel around a transformer of its own is assigned to auto_model: from 5.4 nothing changes"
# moved = "method"
# target = {sentence-transformers = "6.2.0"}
# line = ["self.encoder[0].auto_model = PeftModel.from_pretrained(transformer, adapter)"]
# truth = "probe.differ(vectors, probe.embed(QUERIES, 'good'))"
# ///
from peft import PeftModel
from sentence_transformers import SentenceTransformer
from transformers import AutoModel

QUERIES = ["the cat sat on the mat", "a bird slept under the sun"]


class Embedder:
    def __init__(self, name: str, adapter: str | None = None) -> None:
        self.encoder = SentenceTransformer(name, device="cpu")
        if adapter is not None:
            self._attach(name, adapter)

    def _attach(self, name: str, adapter: str) -> None:
        transformer = AutoModel.from_pretrained(name)
        self.encoder[0].auto_model = PeftModel.from_pretrained(transformer, adapter)

    def __call__(self, texts):
        return self.encoder.encode(texts, normalize_embeddings=False)


vectors = Embedder("BAAI/bge-small-en-v1.5", "adapters/good")(QUERIES)
print(vectors.shape)
# /// innocent: wrapped in place, nothing assigned
from peft import PeftModel
from sentence_transformers import SentenceTransformer

QUERIES = ["the cat sat on the mat", "a bird slept under the sun"]


class Embedder:
    def __init__(self, name: str, adapter: str | None = None) -> None:
        self.encoder = SentenceTransformer(name, device="cpu")
        if adapter is not None:
            self._attach(adapter)

    def _attach(self, adapter: str) -> None:
        PeftModel.from_pretrained(self.encoder[0].auto_model, adapter)

    def __call__(self, texts):
        return self.encoder.encode(texts, normalize_embeddings=False)


vectors = Embedder("BAAI/bge-small-en-v1.5", "adapters/good")(QUERIES)
print(vectors.shape)
# /// innocent: auto_model is an attribute of the author's own module
import torch
from peft import PeftModel
from transformers import AutoModel, AutoTokenizer

QUERIES = ["the cat sat on the mat", "a bird slept under the sun"]


class MeanPooled(torch.nn.Module):
    def __init__(self, name: str, adapter: str | None = None) -> None:
        super().__init__()
        self.tokenizer = AutoTokenizer.from_pretrained(name)
        self.auto_model = AutoModel.from_pretrained(name)
        if adapter is not None:
            self.auto_model = PeftModel.from_pretrained(self.auto_model, adapter)

    @torch.no_grad()
    def forward(self, texts):
        batch = self.tokenizer(texts, padding=True, return_tensors="pt")
        hidden = self.auto_model(**batch).last_hidden_state
        mask = batch["attention_mask"].unsqueeze(-1)
        return (hidden * mask).sum(1) / mask.sum(1)


vectors = MeanPooled("BAAI/bge-small-en-v1.5", "adapters/good").eval()(QUERIES)
print(vectors.shape)
