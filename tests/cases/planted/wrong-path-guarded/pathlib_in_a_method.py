# /// case
# title = "is_dir() is asked of the merged model's folder, the adapter comes from elsewhere"
# moved = "method"
# line = ["if self.adapter_dir.is_dir():", "PeftModel.from_pretrained(self.encoder[0].auto_model, str(self.checkpoint_dir))"]
# truth = "not probe.same_lora(search.encoder[0].auto_model, 'good')"
# ///
from pathlib import Path

from peft import PeftModel
from sentence_transformers import SentenceTransformer


class Search:
    def __init__(self, base, root):
        self.encoder = SentenceTransformer(base)
        self.adapter_dir = Path(root) / "good"
        self.checkpoint_dir = Path(root) / "second"
        if self.adapter_dir.is_dir():
            PeftModel.from_pretrained(self.encoder[0].auto_model, str(self.checkpoint_dir))

    def query(self, text):
        return self.encoder.encode([text])[0]


search = Search("BAAI/bge-small-en-v1.5", "adapters")
print(search.query("the cat sat").shape)
# /// innocent: the parent folder is asked for first, then the adapter in it
from pathlib import Path

from peft import PeftModel
from sentence_transformers import SentenceTransformer


class Search:
    def __init__(self, base, root):
        self.encoder = SentenceTransformer(base)
        self.root = Path(root)
        self.adapter_dir = self.root / "good"
        if self.root.is_dir():
            PeftModel.from_pretrained(self.encoder[0].auto_model, str(self.adapter_dir))

    def query(self, text):
        return self.encoder.encode([text])[0]


search = Search("BAAI/bge-small-en-v1.5", "adapters")
print(search.query("the cat sat").shape)
