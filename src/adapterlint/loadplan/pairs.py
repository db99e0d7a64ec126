"""The two factors of every adapted module in a weights file, and what else the file holds beside them."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapterlint.artifacts.remembered import remembered
from adapterlint.knowledge.keys import SCALARS
from adapterlint.loadplan.keyform import split

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.loadplan.keyform import Part

_SECOND = {
    "lora_A": "lora_B",
    "lora_embedding_A": "lora_embedding_B",
    "lora_down": "lora_up",
    "lora_a": "lora_b",
}
_FIRST = {second: first for first, second in _SECOND.items()}


@dataclass(frozen=True, slots=True)
class Pair:
    """The factors of one module. `first` and `second` are tensor names, None where the file lacks one."""

    module: str
    factors: tuple[str, str]
    first: str | None
    second: str | None

    @property
    def is_complete(self) -> bool:
        """Whether both factors are in the file."""
        return self.first is not None and self.second is not None

    @property
    def names(self) -> tuple[str, ...]:
        """The tensor names that are in the file."""
        return tuple(name for name in (self.first, self.second) if name is not None)


@dataclass(frozen=True, slots=True)
class Layout:
    """The pairs of a file, in its order, and the tensors beside them.

    `beside` leaves out scalars and copies of base layers, which change nothing.
    """

    pairs: tuple[Pair, ...]
    beside: tuple[str, ...]

    @property
    def modules(self) -> tuple[str, ...]:
        """The paths of the modules that have a factor in the file, sorted, each once."""
        return tuple(sorted({pair.module for pair in self.pairs}))

    @property
    def complete(self) -> tuple[Pair, ...]:
        """The pairs that have both factors."""
        return tuple(pair for pair in self.pairs if pair.is_complete)


@remembered
def layout(names: Iterable[str]) -> Layout:
    """The pairs among the tensor names. `….base_layer.weight` is PEFT's copy of a targeted embedding: no change."""
    found: dict[tuple[str, str, str, str], dict[str, str]] = {}
    beside: list[str] = []
    for name in names:
        part = split(name)
        first = None if part is None or part.tail == "bias" else _FIRST.get(part.factor, part.factor)
        if part is not None and first in _SECOND:
            found.setdefault((part.prefix, part.module, first, part.adapter), {})[part.factor] = name
        elif name.rpartition(".")[2] not in SCALARS and not (part is None and name.endswith(".base_layer.weight")):
            beside.append(name)
    pairs = (
        Pair(module, (first, _SECOND[first]), have.get(first), have.get(_SECOND[first]))
        for (_, module, first, _), have in found.items()
    )
    return Layout(tuple(pairs), tuple(beside))


def all_of(number: int) -> str:
    """ "all 24 modules", "the only module"."""
    return f"all {number} modules" if number > 1 else "the only module"


def is_lora(weights: Weights, config: Config | None) -> bool:
    """Whether the pairs of the file are plain LoRA, whose product is second · first.

    Without a config, names decide: AdaLoRA has a third factor (`lora_E`) and writes `lora_A` without `.weight`.
    """
    if config is not None:
        return config.peft_type == "LORA"
    parts = [part for part in map(split, weights.tensors) if part is not None]
    return bool(parts) and not any(map(_is_adalora, parts))


def _is_adalora(part: Part) -> bool:
    return part.factor == "lora_E" or (part.factor in ("lora_A", "lora_B") and not part.tail)


def is_empty(shape: tuple[int, ...]) -> bool:
    """Whether a tensor of this shape has no elements: what ZeRO-3 leaves in place of a partitioned parameter."""
    return math.prod(shape) == 0


@dataclass(frozen=True, slots=True)
class Zeros:
    """Which of the complete pairs are nothing: `zero` maps a pair to the names of its factors that are all zero."""

    zero: dict[Pair, tuple[str, ...]]
    alive: tuple[Pair, ...]
    unread: tuple[Pair, ...]

    @property
    def total(self) -> int:
        """How many pairs were looked at."""
        return len(self.zero) + len(self.alive) + len(self.unread)

    def factors(self) -> str:
        """The zero factors in words: "lora_B", "lora_B and lora_embedding_A"."""
        counted = Counter(factor for factors in self.zero.values() for factor in factors)
        return " and ".join(sorted(counted, key=lambda factor: (-counted[factor], factor)))


def zeros(weights: Weights, pairs: Iterable[Pair]) -> Zeros:
    """Sort pairs with both factors by whether one of them is all zero. A pair with an unreadable factor is unread.

    Reads values. A tensor without elements is not zero but missing.
    """
    zero: dict[Pair, tuple[str, ...]] = {}
    alive: list[Pair] = []
    unread: list[Pair] = []
    if not weights.profile.odd:
        return Zeros(zero, tuple(pairs), ())
    for pair in pairs:
        states = {factor: is_zero(weights, name) for factor, name in zip(pair.factors, pair.names, strict=True)}
        nothing = tuple(factor for factor, state in states.items() if state)
        if nothing:
            zero[pair] = nothing
        elif None in states.values():
            unread.append(pair)
        else:
            alive.append(pair)
    return Zeros(zero, tuple(alive), tuple(unread))


def is_zero(weights: Weights, name: str) -> bool | None:
    """Whether all elements are zero; None if the values cannot be read."""
    if is_empty(weights.tensors[name].shape):
        return False
    return weights.is_zero(name)


_LAYER = re.compile(r"(?:^|\.)(\d+)(?=\.|$)")


def in_groups(modules: Iterable[Pair | str], limit: int = 3) -> str:
    """Modules by kind, with their layers: "q_proj (layers 0-11), v_proj (layers 0 and 3)".

    The kind is the last name of the module path, the layer the first number in it.
    """
    layers: dict[str, list[int]] = {}
    for given in modules:
        module = given if isinstance(given, str) else given.module
        numbers = _LAYER.findall(module)
        layers.setdefault(module.rpartition(".")[2], []).extend(int(number) for number in numbers[:1])
    groups = [f"{kind} ({_spans(found)})" if found else kind for kind, found in layers.items()]
    if len(groups) > limit + 1:  # one more is shorter named than counted
        groups[limit:] = [f"{len(groups) - limit} more kinds"]
    return ", ".join(groups)


def _spans(numbers: Iterable[int]) -> str:
    """ "layers 0-3, 7"."""
    spans: list[list[int]] = []
    for number in sorted(set(numbers)):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    words = [f"{low}-{high}" if low < high else f"{low}" for low, high in spans]
    return f"layer{'s' if len(spans) > 1 or spans[0][0] != spans[0][1] else ''} {', '.join(words)}"
