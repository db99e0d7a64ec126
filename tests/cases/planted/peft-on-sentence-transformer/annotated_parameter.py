# /// case
# title = "the parameter's annotation says SentenceTransformer, nothing in the file calls the function"
# moved = "annotated parameter, notebook"
# notebook = {}
# adapters = ["good"]
# before = "from sentence_transformers import SentenceTransformer; GIVEN = SentenceTransformer('base', device='cpu')"
# line = ["tuned = PeftModel.from_pretrained(encoder, folder)"]
# truth = "not probe.differ(evaluate(GIVEN, 'adapters/good', ['the cat sat']), probe.embed(['the cat sat']))"
# ///
# %%
from __future__ import annotations

import numpy as np
from peft import PeftModel
from sentence_transformers import SentenceTransformer


# %%
def evaluate(encoder: SentenceTransformer, folder: str, texts: list[str]) -> np.ndarray:
    tuned = PeftModel.from_pretrained(encoder, folder)
    return tuned.encode(texts)
# /// innocent: the parameter is a transformers model
# %%
from __future__ import annotations

import torch
from peft import PeftModel
from sentence_transformers import SentenceTransformer
from transformers import PreTrainedModel


# %%
def adapted(encoder: PreTrainedModel, folder: str) -> PeftModel:
    return PeftModel.from_pretrained(encoder, folder)


# %%
def evaluate(model: SentenceTransformer, folder: str, texts: list[str]) -> torch.Tensor:
    adapted(model[0].auto_model, folder)
    return model.encode(texts)
