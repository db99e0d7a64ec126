"""What is inside one adapter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adapterlint.model.outcome import Verdict


@dataclass(frozen=True, slots=True)
class Module:
    """One adapted module. `kind` is its path without layer numbers, `layer` the first number in it.

    `strength` is ‖scaling·BA‖, `effective_rank` that of the update, `zeros` the share of zero elements in the factor
    that starts at zero (lora_B); all three are None where the type is not LoRA or the values cannot be read.
    """

    module: str
    kind: str
    layer: int | None
    rank: int | None = None
    scaling: float | None = None
    parameters: int = 0
    strength: float | None = None
    effective_rank: float | None = None
    zeros: float | None = None


@dataclass(frozen=True, slots=True)
class Inspection:
    """One adapter, for a person: what it is, how large, and how strong the update of each module is.

    `flags` are what changes how it is applied (DoRA, rsLoRA). `dtypes` counts elements. `beside` are tensors that are
    not part of a module's update: heads, embeddings, biases.
    """

    verdict: Verdict
    type: str | None
    base: str | None
    flags: tuple[str, ...]
    ranks: tuple[int, ...]
    scalings: tuple[float, ...]
    targets: tuple[str, ...]
    files: tuple[str, ...]
    parameters: int
    bytes: int
    dtypes: Mapping[str, int]
    modules: tuple[Module, ...]
    beside: tuple[str, ...]
