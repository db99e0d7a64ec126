"""What is left of an update once it is merged into weights of 16 bits, from a few rows of the base and of the product.

A bfloat16 has 8 significant bits, a float16 11: adding less than half the distance to the next number changes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adapterlint.artifacts.base import Kind
from adapterlint.loadplan.strength import updates

if TYPE_CHECKING:
    from adapterlint.artifacts.base import Base
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.loadplan.pairs import Pair

MODULES, ROWS = 8, 16
"""How many modules are looked at, and how many rows of each one's weight."""
_MOST = 1 << 26  # bytes of a factor
_ROUNDED = {"BF16": "bfloat16", "F16": "float16"}


@dataclass(frozen=True, slots=True)
class Loss:
    """What merging leaves, over a sample of `elements` weights in `modules` modules that the update changes.

    `kept` is the share of them that rounding leaves as they were; `error` is ‖merged - W - ΔW‖ / ‖ΔW‖ (Frobenius):
    0 where the update arrives whole, 1 where nothing of it does. `dtype` is the base's, as torch calls it.
    """

    kept: float
    error: float
    dtype: str
    modules: int
    elements: int


def loss(config: Config, weights: Weights, base: Base) -> Loss | None:
    """What merging plain LoRA into the base as it is stored loses; None where that is not known or nothing is lost.

    So for a base that is stored in more than 16 bits or packed, and for DoRA, whose update depends on whole columns.
    """
    if config.get("use_dora"):
        return None
    found = list(_stored(config, weights, base))
    kept = changed = modules = 0
    squares = missed = 0.0
    dtype = found[0][2] if found else ""
    for pair, scaling, stored, path in found[:: max(1, -(-len(found) // MODULES))]:
        sample = _sample(pair, scaling, weights, base, path) if stored == dtype else None
        if sample is None:
            continue
        old, delta = sample
        merged = _rounded(old + delta, stored)
        touched = delta != 0
        kept += int((touched & (merged == old)).sum())
        changed += int(touched.sum())
        squares += float((delta.astype("f8") ** 2).sum())
        missed += float(((merged.astype("f8") - old - delta) ** 2).sum())
        modules += 1
    if not changed or not (math.isfinite(squares) and math.isfinite(missed)) or not squares:
        return None
    return Loss(kept / changed, math.sqrt(missed / squares), _ROUNDED[dtype], modules, changed)


def _stored(config: Config, weights: Weights, base: Base) -> Iterator[tuple[Pair, float, str, str]]:
    """Each pair whose base weight is a matrix of 16-bit floats that it fits; scaling, dtype and path there."""
    for pair, scaling, elements in updates(weights, config):
        path = base.place_of(pair.module)
        tensor = base.tensors.get(f"{path}.weight")
        if tensor is None or tensor.dtype not in _ROUNDED or len(tensor.shape) != 2 or tensor.elements != elements:
            continue
        facts = [weights.facts(name) for name in pair.names]
        finite = all(fact is not None and not fact.non_finite for fact in facts)
        if finite and all(weights.tensors[name].nbytes <= _MOST for name in pair.names):
            yield pair, scaling, tensor.dtype, path


def _sample(pair: Pair, scaling: float, weights: Weights, base: Base, path: str) -> tuple[Any, Any] | None:
    """Some rows of the base's weight and of the update to them, as float32; None where they cannot be read."""
    from adapterlint.artifacts.weights.values import read_values

    module = base.modules[path]
    assert module.shape is not None
    rows = range(0, module.shape[0], max(1, -(-module.shape[0] // ROWS)))
    old = base.rows(f"{path}.weight", rows)
    first, second = (read_values(weights.tensors[name]) for name in pair.names)
    if old is None or first is None or second is None:
        return None
    if module.kind is Kind.linear:
        delta = second[list(rows)] @ first
    else:  # Conv1D and embeddings keep the transposed matrix
        delta = (second @ first[:, list(rows)]).T
    return (old, (delta * scaling).astype("f4")) if delta.shape == old.shape else None


def _rounded(numbers: Any, dtype: str) -> Any:
    """The nearest numbers of 16 bits, ties to even, as float32."""
    import numpy as np

    with np.errstate(over="ignore"):
        if dtype == "F16":
            return numbers.astype(np.float16).astype(np.float32)
        bits = np.ascontiguousarray(numbers, np.float32).view(np.uint32)
        bits = bits + (((bits >> np.uint32(16)) & np.uint32(1)) + np.uint32(0x7FFF))
        return (bits & np.uint32(0xFFFF0000)).view(np.float32)
