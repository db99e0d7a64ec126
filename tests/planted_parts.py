"""Models and adapters that only a few planted programs need: their `before` builds them in the program's folder.

`from planted_parts import …` in a case's `before`. Names of the hub become folders; the world's own are links and
stay as they are. The adapters are not trained: a random `lora_B` changes a model as a trained one does.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

RERANKER = "cross-encoder/ms-marco-MiniLM-L6-v2"
SPLADE = "naver/splade-v3"
SENTIMENT = "textattack/bert-base-uncased-SST-2"
PAIRS = [("the cat sat", "a cat slept on the mat"), ("the train was slow", "a dog ran in the rain")]


def adapter(model: Any, folder: str, **fields: Any) -> Any:
    """A LoRA adapter for `model` that changes it, saved in `folder`; the PeftModel."""
    import torch
    from peft import LoraConfig, get_peft_model

    fields.setdefault("target_modules", ["query", "value"])
    wrapped = get_peft_model(model, LoraConfig(r=4, lora_alpha=16, **fields))
    torch.manual_seed(4)
    for name, value in wrapped.named_parameters():
        if "lora_B" in name or "modules_to_save" in name:
            torch.nn.init.normal_(value, std=0.3)
    wrapped.save_pretrained(folder)
    return wrapped.eval()


def classifier(folder: str, labels: int = 2, seed: int = 3) -> None:
    """`base` with a classification head, saved with its head as a trained checkpoint is."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    torch.manual_seed(seed)
    AutoModelForSequenceClassification.from_pretrained("base", num_labels=labels).save_pretrained(folder)
    AutoTokenizer.from_pretrained("base").save_pretrained(folder)


def reranker() -> None:
    """RERANKER, and `adapters/rerank` for the transformer inside, without a head of its own."""
    from transformers import AutoModelForSequenceClassification

    classifier(RERANKER, labels=1)
    adapter(AutoModelForSequenceClassification.from_pretrained(RERANKER), "adapters/rerank")


def scores(adapter: str = "") -> Any:
    """What a fresh RERANKER says of PAIRS, untouched or with the adapter rightly loaded."""
    from peft import PeftModel
    from sentence_transformers import CrossEncoder

    model = CrossEncoder(RERANKER, device="cpu")
    if adapter:
        PeftModel.from_pretrained(model.model, f"adapters/{adapter}")
    return model.predict(PAIRS)


def splade() -> None:
    """SPLADE, a SparseEncoder, and `adapters/splade` for the masked language model inside."""
    import torch
    from sentence_transformers import SparseEncoder
    from sentence_transformers.sparse_encoder.models import MLMTransformer, SpladePooling
    from transformers import AutoTokenizer, BertConfig, BertForMaskedLM

    torch.manual_seed(0)
    BertForMaskedLM(BertConfig.from_pretrained("base")).save_pretrained("mlm")
    AutoTokenizer.from_pretrained("base").save_pretrained("mlm")
    SparseEncoder(modules=[MLMTransformer("mlm"), SpladePooling()], device="cpu").save_pretrained(SPLADE)
    adapter(BertForMaskedLM.from_pretrained("mlm"), "adapters/splade")


def other_encoder(folder: str) -> None:
    """A SentenceTransformer of the shape of `base` with other weights, at a name that the world has not."""
    _other("base", folder, "AutoModel")


def other_llm(folder: str) -> None:
    """A causal language model of the shape of `llm` with other weights, at a name that the world has not."""
    _other("llm", folder, "AutoModelForCausalLM")


def _other(base: str, folder: str, kind: str) -> None:
    import torch
    import transformers

    shutil.copytree(base, folder)
    torch.manual_seed(11)
    config = transformers.AutoConfig.from_pretrained(base)
    getattr(transformers, kind).from_config(config).save_pretrained(folder)


def tied_llm(name: str) -> None:
    """`llm` with tied input and output embeddings, under a name whose real owner ties them too."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    owner = Path(name).parts[0]
    if Path(owner).is_symlink():
        Path(owner).unlink()
    shutil.copytree("llm", name)
    config = AutoConfig.from_pretrained("llm")
    config.tie_word_embeddings = True
    torch.manual_seed(0)
    AutoModelForCausalLM.from_config(config).save_pretrained(name)


def weights(source: str, folder: str) -> None:
    """The weights of `adapters/<source>` beside the `adapter_config.json` that the program brings in `folder`."""
    shutil.copy(f"adapters/{source}/adapter_model.safetensors", folder)


def with_dropout(*names: str) -> None:
    """`lora_dropout` 0.2 in the adapters: what they were trained with, and what train mode turns on."""
    for name in names:
        path = Path("adapters", name, "adapter_config.json")
        path.write_text(json.dumps(json.loads(path.read_text()) | {"lora_dropout": 0.2}))


def lost_at_reload(model: Any, checkpoint: str, folder: str, **given: Any) -> bool:
    """Whether a new process that loads `checkpoint` and the adapter in `folder` classifies otherwise than `model`."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForSequenceClassification

    torch.manual_seed(99)
    fresh = AutoModelForSequenceClassification.from_pretrained(checkpoint, **given)
    loaded = PeftModel.from_pretrained(fresh, folder).eval()
    ids = torch.arange(5, 17).reshape(2, 6)
    with torch.no_grad():
        before, after = model.eval()(input_ids=ids).logits, loaded(input_ids=ids).logits
    return bool((before - after).abs().max() > 1e-5)
