"""What an adapter of a type other than LoRA is, in a few words, and whether its values change anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapterlint.knowledge.keys import PROMPT_TYPES
from adapterlint.knowledge.updates import NEEDS_BASE, NO_IDENTITY, TITLES
from adapterlint.loadplan.keyform import split
from adapterlint.loadplan.updates import SHARED, add_up

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights


def described(kind: str, config: Config, weights: Weights) -> str:
    """ "IA3, 12 modules", "AdaLoRA r=8, 24 modules", "prompt tuning, 20 virtual tokens"."""
    title = TITLES.get(kind, kind)
    if kind in PROMPT_TYPES:
        shape = next((it.shape for name, it in weights.tensors.items() if name.endswith("prompt_embeddings")), ())
        return f"{title}, {counted(shape[0], 'virtual token')}" if shape else title
    if kind == "ADALORA":
        ranks = {it.shape[0] for name, it in weights.tensors.items() if name.endswith(".lora_E") and it.shape}
    else:
        rank = config.get("r")
        ranks = {rank} if isinstance(rank, int) and rank > 0 else set()
    low, high = min(ranks, default=0), max(ranks, default=0)
    title += f" r={low}" if low and low == high else f" r={low} to {high}" if high else ""
    modules = {part.module for part in map(split, weights.tensors) if part is not None} - {"", SHARED}
    return f"{title}, " + (counted(len(modules), "module") if modules else counted(len(weights.tensors), "tensor"))


def changes(kind: str, weights: Weights) -> tuple[bool, str]:
    """Whether it is seen that the output changes, and a clause to add to the description."""
    if kind in NO_IDENTITY:
        return any(facts.any_nonzero for facts in weights.all_facts().values() if facts is not None), ""
    if kind in NEEDS_BASE:
        return False, "; it starts with the base's own values, so only they show what it changes"
    update = add_up(weights, kind)
    if update.alive:
        return True, f", {len(update.dead)} of them unchanged" if update.dead else ""
    return False, "; whether they change the output is not judged"


def counted(number: int, word: str) -> str:
    """ "1 module", "12 modules"."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
