"""All elements of a LoRA factor are the same number, and it is not zero. No training leaves that: a factor starts at
random (or at zero) and every element gets a gradient of its own. Measured on a small Llama, an adapter whose lora_A
was replaced by one constant gave an output as far from the trained one as the base model's. Nothing complains: shape
and dtype are right.

It comes from a script that fills tensors (a test file, a placeholder, a converter that writes ones where it found
nothing), or from a save that caught memory before the weights were gathered. With one factor constant the update of
the module has rank one at most, whatever `r` says.

There is no way back from such a file: take an earlier checkpoint, or convert or save again, and compare the first
numbers of a factor with those in the model that was trained.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.loadplan.pairs import is_lora, layout
from adapterlint.model import Example, ExampleTensor, Rule, Severity, TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding, Target

FEWEST = 64
"""Elements below which equal numbers may be chance (8-bit floats) or a toy."""
_CONFIG = {"peft_type": "LORA", "base_model_name_or_path": "bert-base-uncased", "target_modules": ["query"], "r": 2}
_QUERY = "base_model.model.encoder.layer.0.attention.self.query"
_A, _B = f"{_QUERY}.lora_A.weight", f"{_QUERY}.lora_B.weight"

RULE = Rule(
    id="constant-tensor",
    family="weights",
    severity=Severity.warning,
    summary="a factor whose elements are all the same number",
    why=__doc__ or "",
    examples=(
        Example(
            "lora_A is 0.02 throughout",
            config=_CONFIG,
            tensors={_A: ExampleTensor((2, 64), 0.02), _B: ExampleTensor((64, 2), varied=1)},
        ),
        Example(
            "ordinary numbers",
            fires=0,
            config=_CONFIG,
            tensors={_A: ExampleTensor((2, 64), varied=1), _B: ExampleTensor((64, 2), varied=2)},
        ),
        Example(
            "zero, which is inert-adapter's",
            fires=0,
            config=_CONFIG,
            tensors={_A: ExampleTensor((2, 64), varied=1), _B: ExampleTensor((64, 2), 0.0)},
        ),
    ),
)


def check(target: Target, weights: Weights, config: Config | None = None) -> Iterator[Finding]:
    """At most one finding, at the first such factor."""
    if target.kind is not TargetKind.adapter or "flat" not in weights.profile.odd.values():
        return
    if not is_lora(weights, config):
        return
    names = [name for pair in layout(weights.tensors).pairs for name in pair.names]
    constant = [name for name in names if _may_be(weights, name) and _is_constant(weights, name)]
    if not constant:
        return
    value = max(facts.max_abs for facts in [weights.facts(constant[0])] if facts is not None)
    rest = f" and {len(constant) - 1} more of {len(names)} factors" if len(constant) > 1 else ""
    message = f"all elements of {constant[0]}{rest} are one number (of magnitude {value:g}), as no training leaves them"
    yield RULE.finding(message, weights.place(constant[0]))


def _may_be(weights: Weights, name: str) -> bool:
    """Whether all magnitudes are equal as far as the facts tell: the squares then add up to so many of the largest."""
    facts = weights.facts(name)
    if facts is None or facts.elements < FEWEST or not facts.max_abs or facts.non_finite:
        return False
    if facts.sum_squares is None:
        return False  # its checksum says that not all are equal
    return math.isclose(facts.sum_squares, facts.elements * facts.max_abs**2, rel_tol=1e-3)


def _is_constant(weights: Weights, name: str) -> bool:
    from adapterlint.artifacts.weights.values import read_values

    values = read_values(weights.tensors[name])
    return values is not None and bool((values == values.flat[0]).all())
