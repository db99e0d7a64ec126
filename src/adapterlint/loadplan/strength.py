"""How strong the update of each LoRA module is, from the r×r Gram matrices of its factors and never from the product.

‖BA‖² = tr(BᵀB · AAᵀ), and the non-zero singular values of BA are the square roots of the eigenvalues of BᵀB · AAᵀ:
both are r×r. The scaling is PEFT's (`Config.scaling`: rank and alpha patterns, rsLoRA). With DoRA the update is
normalised together with the base weight and so has no norm without it: what is measured is the direction part.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adapterlint.loadplan.pairs import is_lora, layout

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.loadplan.pairs import Pair


@dataclass(frozen=True, slots=True)
class Bound:
    """Upper bounds from the facts of both factors, of the update scaling·BA; the product has `elements`."""

    weights: Weights
    pair: Pair
    scaling: float
    elements: int

    @property
    def peak(self) -> float:
        """The largest magnitude of an element of the update, at most."""
        facts = [self.weights.facts(name) for name in self.pair.names]
        rank = self.weights.tensors[self.pair.names[0]].shape[0]
        return abs(self.scaling) * rank * math.prod(fact.max_abs for fact in facts if fact is not None)

    @property
    def norm(self) -> float:
        """‖scaling·BA‖ (Frobenius), at most. May read the values again; infinite where that fails."""
        squares = [self.weights.squares(name) for name in self.pair.names]
        known = [it for it in squares if it is not None]
        return abs(self.scaling) * math.sqrt(math.prod(known)) if len(known) == len(squares) else math.inf

    @property
    def rms(self) -> float:
        """The root mean square of an element of the update, at most."""
        return self.norm / math.sqrt(self.elements)


@dataclass(frozen=True, slots=True)
class Strength:
    """The update of one module. `norm` is ‖scaling·BA‖ (Frobenius), `effective_rank` the exponential of the entropy of
    its normalised singular values (Roy and Vetterli 2007; 0 for a zero update), `zeros` the share of zero elements
    in the second factor, at whose zeros training starts.
    """

    pair: Pair
    rank: int
    scaling: float
    norm: float
    effective_rank: float
    zeros: float


def bounds(weights: Weights, config: Config | None) -> Iterator[Bound]:
    """Bounds for each pair whose values are finite and whose scaling is known."""
    for pair, scaling, elements in updates(weights, config):
        facts = [weights.facts(name) for name in pair.names]
        if any(fact is None or fact.non_finite for fact in facts):
            continue
        yield Bound(weights, pair, scaling, elements)


def ceiling(weights: Weights, config: Config | None) -> float:
    """A norm that no module's update exceeds, from the profile alone."""
    scalings = [abs(scaling) for _, scaling, _ in updates(weights, config)]
    return max(scalings, default=0.0) * math.ldexp(1.0, min(2 * weights.profile.ceiling, 1000))


def floor(weights: Weights, config: Config | None) -> float:
    """What scaling·‖A‖·‖B‖, for an element of the product, is at least in some module; from the profile alone.

    0 where a factor of the first module is out of the ordinary.
    """
    for pair, scaling, _ in updates(weights, config):
        if weights.profile.odd.keys().isdisjoint(pair.names):
            rank = weights.tensors[pair.names[0]].shape[0]
            return abs(scaling) * rank * math.ldexp(1.0, max(2 * weights.profile.floor, -1000))
    return 0.0


def updates(weights: Weights, config: Config | None) -> list[tuple[Pair, float, int]]:
    """Each pair whose shapes are those of one update of the config's rank, its scaling, the elements of its product.

    Reads no values, and is worked out once for adapters of one header and one config.
    """
    if config is None or not is_lora(weights, config):
        return []
    memo = getattr(weights.tensors, "memo", {})
    key = ("updates", config.text)
    if key not in memo:
        memo[key] = [
            (pair, scaling, elements)
            for pair in layout(weights.tensors).complete
            if (scaling := _scaling(weights, config, pair)) is not None and (elements := _elements(weights, pair))
        ]
    found: list[tuple[Pair, float, int]] = memo[key]
    return found


def _elements(weights: Weights, pair: Pair) -> int:
    first, second = (weights.tensors[name].shape for name in pair.names)
    return math.prod(first[1:]) * second[0]


def _scaling(weights: Weights, config: Config, pair: Pair) -> float | None:
    """The scaling where the shapes are those of one update of the config's rank; packed experts are not."""
    first, second = (weights.tensors[name].shape for name in pair.names)
    rank = config.rank(pair.module)
    if len(first) < 2 or len(second) < 2 or rank is None or first[0] != rank or second[1] != rank:
        return None
    if math.prod(second[2:]) != 1 and math.prod(first[2:]) != 1:
        return None
    return config.scaling(pair.module)


def strengths(weights: Weights, config: Config | None) -> Iterator[Strength]:
    """The strength of each pair that can be read, in the order of the file. Without a config the scaling is 1.

    Reads the values of one module at a time.
    """
    for pair in layout(weights.tensors).complete if is_lora(weights, config) else ():
        scaling = 1.0 if config is None else _scaling(weights, config, pair)
        if scaling is not None and (found := strength(weights, pair, scaling)) is not None:
            yield found


def strength(weights: Weights, pair: Pair, scaling: float) -> Strength | None:
    """The strength of one module; None where its values cannot be read, are not finite, or do not fit together."""
    import numpy as np

    from adapterlint.artifacts.weights.values import read_values

    first, second = (read_values(weights.tensors[name]) for name in pair.names)
    if first is None or second is None or min(first.ndim, second.ndim) < 2 or not (first.size and second.size):
        return None
    if first.shape[0] != second.shape[1]:
        return None
    rank, zeros = first.shape[0], 1 - np.count_nonzero(second) / second.size
    first = first.reshape(rank, -1).astype(np.float64)
    second = np.moveaxis(second, 1, -1).reshape(-1, rank).astype(np.float64)
    with np.errstate(all="ignore"):
        gram_first, gram_second = first @ first.T, second.T @ second
        square = float((gram_first * gram_second).sum())
    if not math.isfinite(square):
        return None
    values = _singular_values(gram_first, gram_second)
    norm = abs(scaling) * math.sqrt(max(square, 0.0))
    return Strength(pair, rank, scaling, norm, effective_rank(values), float(zeros))


def _singular_values(gram_first: Any, gram_second: Any) -> list[float]:
    """Those of B·A, largest first, from AAᵀ and BᵀB: of the symmetric product √(AAᵀ) · BᵀB · √(AAᵀ)."""
    import numpy as np

    values, vectors = np.linalg.eigh(gram_first)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    squares = np.linalg.eigvalsh(root @ gram_second @ root)
    return [math.sqrt(value) if value > 0 else 0.0 for value in squares[::-1].tolist()]


def effective_rank(values: list[float]) -> float:
    """The exponential of the Shannon entropy of the normalised singular values; 0 where all are zero."""
    total = math.fsum(values)
    if not total > 0:
        return 0.0
    shares = [value / total for value in values if value > 0]
    return math.exp(-math.fsum(share * math.log(share) for share in shares if share > 0))
