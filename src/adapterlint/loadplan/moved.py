"""Whether the tensors of an adapter have left the values that PEFT starts with, for types other than LoRA."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapterlint.knowledge.keys import RANDOM_STARTS, STARTS
from adapterlint.loadplan.keyform import split

if TYPE_CHECKING:
    from adapterlint.artifacts.weights import Weights


def has_moved(weights: Weights, peft_type: str) -> bool | None:
    """Whether some start tensor of the type differs from its start value; None where that cannot be told.

    A type that starts at random changes the output as soon as one of its tensors is not zero.
    """
    start = STARTS.get(peft_type)
    if start is None and peft_type not in RANDOM_STARTS:
        return None
    beginning, value = start or ("", 0.0)
    parts = ((name, split(name)) for name in weights.tensors)
    names = [name for name, part in parts if part is not None and part.factor.startswith(beginning)]
    states = [_differs(weights, name, value) for name in names]
    return True if any(states) else None if None in states or not states else False


def _differs(weights: Weights, name: str, value: float) -> bool | None:
    facts = weights.facts(name)
    if facts is None:
        return None
    if value == 0:
        return facts.any_nonzero
    # All elements are ±1 exactly if none is larger and their squares add up to their number.
    return facts.max_abs != 1 or facts.sum_squares != facts.elements
