"""Which modules of the base model the tensors of an adapter belong to."""

from __future__ import annotations

from collections.abc import Iterable

from adapterlint.knowledge.keys import SCALARS
from adapterlint.loadplan.keyform import split

LORA_FACTORS = frozenset({"lora_A", "lora_B", "lora_embedding_A", "lora_embedding_B"})


def lora_modules(names: Iterable[str]) -> tuple[str, ...]:
    """The paths of the modules that have a LoRA factor among the tensors `names`, sorted, each once."""
    parts = (split(name) for name in names)
    return tuple(sorted({part.module for part in parts if part is not None and part.factor in LORA_FACTORS}))


def beside_lora(names: Iterable[str]) -> tuple[str, ...]:
    """The tensors of `names` that can change the output with every LoRA product at nothing.

    Heads, base biases, token rows, DoRA magnitudes; a bias of lora_B is scaled with its product and does not count.
    """
    return tuple(name for name in names if _is_beside(name))


def _is_beside(name: str) -> bool:
    part = split(name)
    if part is None:
        return name.rsplit(".", 1)[-1] not in SCALARS
    return part.factor not in LORA_FACTORS
