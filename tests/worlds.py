"""A tiny real world for tests: a SentenceTransformer of 2 layers and LoRA adapters trained on it with PEFT.

Also a script, so that every stack (another interpreter with older libraries) builds its own:

    python tests/worlds.py build FOLDER          base/ and adapters/{good,second,wrapped,inert}
    python tests/worlds.py run JOBS.json         run programs one after the other, see `run_jobs`

Nothing here is imported before it is needed: the tests that only lint must run without torch.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any

OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
VOCABULARY = """[PAD] [UNK] [CLS] [SEP] [MASK] the a cat dog bird sat ran slept on in under mat rain sun car bus train
was fast slow"""
SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
MODULES = [
    # The names of before 5.4, which every version since still resolves.
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
    {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
]


def build_base(folder: Path) -> None:
    """Write a SentenceTransformer with random weights (seeded): BERT, 2 layers, hidden size 32, mean pooling."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizer

    folder.mkdir(parents=True)
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY.split()) + "\n", encoding="utf-8")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(VOCABULARY.split()),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(folder)
    BertTokenizer(str(folder / "vocab.txt"), model_max_length=32).save_pretrained(folder)
    (folder / "modules.json").write_text(json.dumps(MODULES), encoding="utf-8")
    (folder / "sentence_bert_config.json").write_text(
        '{"max_seq_length": 32, "do_lower_case": false}', encoding="utf-8"
    )
    (folder / "1_Pooling").mkdir()
    pooling = {"word_embedding_dimension": 32, "pooling_mode_mean_tokens": True}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling), encoding="utf-8")


def load(folder: Path) -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), device="cpu")


def features(model: Any, sentences: list[str]) -> Any:
    """Token ids as the model's own forward wants them: `preprocess` from 5.4, `tokenize` before."""
    return model.preprocess(sentences) if hasattr(model, "preprocess") else model.tokenize(sentences)


def train(trained: Any, model: Any, *, steps: int = 8, rate: float = 5e-2) -> None:
    """Optimiser steps on the adapter's parameters of `trained`, away from where `model` puts its sentences now."""
    import torch

    torch.manual_seed(1)
    trained.train()
    optimizer = torch.optim.AdamW([p for p in trained.parameters() if p.requires_grad], lr=rate)
    for _ in range(steps):
        embeddings = model(features(model, SENTENCES))["sentence_embedding"]
        loss = ((embeddings - 1.0) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    trained.eval()


def build_adapter(base: Path, folder: Path, *, wrapped: bool = False, steps: int = 8, rank: int = 4) -> None:
    """Train LoRA around the inner transformer, or (`wrapped`) around the SentenceTransformer itself, and save it."""
    import torch
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(rank)
    model = load(base)
    config = LoraConfig(r=rank, lora_alpha=4 * rank, target_modules=["query", "value"])
    peft_model = get_peft_model(model if wrapped else model[0].auto_model, config)
    train(peft_model, model, steps=steps)
    # As a person's adapter would name its base; a folder of this machine would be noise in every diff.
    peft_model.peft_config["default"].base_model_name_or_path = "base"
    peft_model.save_pretrained(str(folder))
    (folder / "README.md").unlink(missing_ok=True)


def build(folder: Path) -> None:
    base, adapters = folder / "base", folder / "adapters"
    build_base(base)
    build_adapter(base, adapters / "good")
    build_adapter(base, adapters / "second", rank=2, steps=12)
    build_adapter(base, adapters / "wrapped", wrapped=True)
    build_adapter(base, adapters / "inert", steps=0)
    import numpy as np

    def embed(adapter: str, *, wrapped: bool = False) -> Any:
        from peft import PeftModel

        model = load(base)
        if wrapped:
            return PeftModel.from_pretrained(model, str(adapters / adapter)).encode(SENTENCES)
        # The load a careful person writes; it is right on every version (the property test is test_crossings.py).
        PeftModel.from_pretrained(model[0].auto_model, str(adapters / adapter))
        return model.encode(SENTENCES)

    np.save(folder / "base.npy", load(base).encode(SENTENCES))
    for name in ("good", "second", "inert"):
        np.save(folder / f"{name}.npy", embed(name))
    np.save(folder / "wrapped.npy", embed("wrapped", wrapped=True))


def program_text(path: Path) -> str:
    """The Python of a program, IPython lines blanked; a notebook's code cells one after the other."""
    if path.suffix == ".py":
        return path.read_bytes().decode("utf-8-sig")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    kept = [text for text in texts if not text.lstrip().startswith("%%")]
    lines = [line for text in kept for line in [*text.splitlines(), ""]]
    return "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in lines)


def run_jobs(jobs: list[str]) -> dict[str, str]:
    """Run each program in its own folder and a fresh namespace; the value is what went wrong, "" for nothing."""
    outcomes = {}
    for job in jobs:
        path = Path(job)
        os.chdir(path.parent)
        namespace = {"__name__": "__main__", "__file__": path.name}
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                exec(compile(program_text(path), path.name, "exec"), namespace)
            outcomes[job] = ""
        except BaseException:
            outcomes[job] = traceback.format_exc()
    return outcomes


def main(arguments: list[str]) -> None:
    os.environ.update(OFFLINE)
    warnings.simplefilter("ignore")
    command, path = arguments
    if command == "build":
        build(Path(path))
    else:
        jobs = Path(path)
        outcomes = run_jobs(json.loads(jobs.read_text(encoding="utf-8")))
        jobs.with_suffix(".outcomes.json").write_text(json.dumps(outcomes), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
