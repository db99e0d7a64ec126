# /// case
# title = "the shared loader always asks for a trainable adapter, the script only predicts"
# moved = "second file"
# before = "import planted_parts; planted_parts.with_dropout('good')"
# line = ["model = load(\"google-bert/bert-base-uncased\", \"adapters/good\")", "vectors = [embed(model, ids) for _ in range(2)]", "return model(input_ids=ids).last_hidden_state.mean(1)"]
# truth = "probe.differ(vectors[0], vectors[1])"
# ///
import torch
from loading import load

model = load("google-bert/bert-base-uncased", "adapters/good")


@torch.inference_mode()
def embed(model, ids):
    return model(input_ids=ids).last_hidden_state.mean(1)


ids = torch.tensor([[2, 6, 7, 3]])
vectors = [embed(model, ids) for _ in range(2)]
# /// file loading.py
from peft import PeftModel
from transformers import AutoModel


def load(base, adapter):
    return PeftModel.from_pretrained(AutoModel.from_pretrained(base), adapter, is_trainable=True)
# /// innocent: the script calls eval
import torch
from loading import load

model = load("google-bert/bert-base-uncased", "adapters/good").eval()


@torch.inference_mode()
def embed(model, ids):
    return model(input_ids=ids).last_hidden_state.mean(1)


ids = torch.tensor([[2, 6, 7, 3]])
vectors = [embed(model, ids) for _ in range(2)]
# /// file loading.py
from peft import PeftModel
from transformers import AutoModel


def load(base, adapter):
    return PeftModel.from_pretrained(AutoModel.from_pretrained(base), adapter, is_trainable=True)
# /// innocent: the inner transformer of a SentenceTransformer, whose encode calls eval
import torch
from loading import load
from sentence_transformers import SentenceTransformer

encoder = SentenceTransformer("BAAI/bge-small-en-v1.5")
load(encoder, "adapters/good")
vectors = [encoder.encode(["the cat sat"]) for _ in range(2)]
# /// file loading.py
from peft import PeftModel


def load(encoder, adapter):
    return PeftModel.from_pretrained(encoder[0].auto_model, adapter, is_trainable=True)
