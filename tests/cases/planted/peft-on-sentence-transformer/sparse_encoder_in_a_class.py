# /// case
# title = "a SparseEncoder on self is wrapped by a method"
# moved = "self.model, method"
# target = {sentence-transformers = "6.2.0"}
# before = "from planted_parts import *; splade()"
# line = ["self.model = PeftModel.from_pretrained(self.model, folder)"]
# truth = "not probe.differ(index.vectors(['the cat sat']), SparseEncoder(SPLADE, device='cpu').encode(['the cat sat'], convert_to_sparse_tensor=False))"
# ///
from peft import PeftModel
from sentence_transformers import SparseEncoder


class SparseIndex:
    def __init__(self, name):
        self.model = SparseEncoder(name, device="cpu")

    def use_adapter(self, folder):
        self.model = PeftModel.from_pretrained(self.model, folder)

    def vectors(self, texts):
        return self.model.encode(texts, convert_to_sparse_tensor=False)


index = SparseIndex("naver/splade-v3")
index.use_adapter("adapters/splade")
print(index.vectors(["a dog ran"]).shape)
# /// innocent: its own load_adapter
from sentence_transformers import SparseEncoder


class SparseIndex:
    def __init__(self, name):
        self.model = SparseEncoder(name, device="cpu")

    def use_adapter(self, folder):
        self.model.load_adapter(folder)

    def vectors(self, texts):
        return self.model.encode(texts, convert_to_sparse_tensor=False)


index = SparseIndex("naver/splade-v3")
index.use_adapter("adapters/splade")
print(index.vectors(["a dog ran"]).shape)
