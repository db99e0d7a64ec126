"""A full model was saved while its LoRA layers were still in place. PEFT had replaced `q_proj.weight` by
`q_proj.base_layer.weight` with `q_proj.lora_A` and `q_proj.lora_B` beside it; nothing that loads a full model
knows these names. transformers takes every adapted layer for missing and fills it with random numbers, with one
log table. The model is then neither the fine-tuned one nor the base (measured with transformers 5.23 and
sentence-transformers 6.2).

It comes from `model.get_base_model().save_pretrained(...)`, from `model.base_model.save_pretrained(...)`, and from
`SentenceTransformer.save_pretrained(...)` after PEFT was put around its inner transformer.

To mend it, save the adapter (`peft_model.save_pretrained(folder)`, a few MB), or merge first and save what
merging returns: `merged = peft_model.merge_and_unload(); merged.save_pretrained(folder)`. A file like this one
still holds everything: load the state dict, add scaling · lora_B · lora_A to each base_layer.weight, and save
it under the plain name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.loadplan.keyform import KeyForm, keyform, split
from adapterlint.model import Example, ExampleTensor, Rule, Severity, TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding, Target


def _header(names: list[str]) -> str:
    """The JSON of a safetensors header for scalar F32 tensors."""
    import json

    entries = {
        name: {"dtype": "F32", "shape": [], "data_offsets": [4 * at, 4 * at + 4]} for at, name in enumerate(names)
    }
    return json.dumps(entries)


def _file(names: list[str]) -> bytes:
    header = _header(names).encode()
    return len(header).to_bytes(8, "little") + header + b"\x00\x00\x80?" * len(names)


_PLAIN = ["embeddings.weight", "norm.weight", "norm.bias", "lm_head.weight", "layers.0.mlp.weight"]
_ADAPTED = [
    f"layers.0.q_proj.{tail}" for tail in ("base_layer.weight", "lora_A.default.weight", "lora_B.default.weight")
]

RULE = Rule(
    id="unmerged-full-model",
    family="weights",
    severity=Severity.error,
    summary="a full model saved with its adapter layers unmerged",
    why=__doc__ or "",
    examples=(
        Example("saved through get_base_model()", files={"model/model.safetensors": _file([*_PLAIN, *_ADAPTED])}),
        Example(
            "a merged model", fires=0, files={"model/model.safetensors": _file([*_PLAIN, "layers.0.q_proj.weight"])}
        ),
        Example(
            "an adapter on an embedding copies its base layer",
            fires=0,
            config={"peft_type": "LORA", "base_model_name_or_path": "gpt2", "target_modules": ["wte"], "r": 2},
            tensors={
                "base_model.model.transformer.wte.base_layer.weight": ExampleTensor((9, 4)),
                "base_model.model.transformer.wte.lora_embedding_A": ExampleTensor((2, 9)),
                "base_model.model.transformer.wte.lora_embedding_B": ExampleTensor((4, 2)),
            },
        ),
    ),
    references=("https://github.com/huggingface/peft/blob/v0.21.2/docs/source/developer_guides/troubleshooting.md",),
)


def check(target: Target, weights: Weights) -> Iterator[Finding]:
    """At most one finding for a full model, at its first adapter tensor. Reads names only."""
    if target.kind is not TargetKind.model or keyform(weights.tensors) is not KeyForm.unmerged:
        return
    parts = {name: part for name in weights.tensors if (part := split(name)) is not None}
    number = len({(part.prefix, part.module) for part in parts.values()})
    modules = f"{number} modules still hold" if number > 1 else "1 module still holds"
    message = (
        f"{modules} LoRA factors beside the base weight, so a load of this full model takes them for missing and "
        "makes up random weights"
    )
    yield RULE.finding(message, weights.place(next(iter(parts))))
