"""The folder holds the weights twice, as adapter_model.safetensors and as adapter_model.bin, and the two differ.
PEFT reads the .safetensors and never looks at the other; a program that reads .bin, or an old PEFT, gets another
adapter. No one of them says so.

It comes from saving into a folder that already held an adapter: PEFT before 0.5 and `safe_serialization=False` write
.bin, later saves write .safetensors, and neither takes away the other's file. Then one of them is the adapter of an
earlier run. Where both hold the same values nothing is reported.

To mend it, find out which is meant (the dates of the files, or an evaluation of each) and delete the other; to stop
it, save every run into a folder of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.model import Broken, Example, ExampleTensor, Place, Rule, Severity, TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding, Target

_CONFIG = {"peft_type": "LORA", "base_model_name_or_path": "bert-base-uncased", "target_modules": ["query"], "r": 2}
_QUERY = "base_model.model.encoder.layer.0.attention.self.query"
_A, _B = f"{_QUERY}.lora_A.weight", f"{_QUERY}.lora_B.weight"
_TENSORS = {_A: ExampleTensor((2, 4)), _B: ExampleTensor((4, 2))}

RULE = Rule(
    id="weights-disagree",
    family="weights",
    severity=Severity.warning,
    summary="adapter_model.safetensors and adapter_model.bin are two different adapters",
    why=__doc__ or "",
    examples=(
        Example(
            "other values",
            config=_CONFIG,
            tensors=_TENSORS,
            pickled={_A: ExampleTensor((2, 4)), _B: ExampleTensor((4, 2), 0.5)},
        ),
        Example("other tensors", config=_CONFIG, tensors=_TENSORS, pickled={_A: ExampleTensor((2, 4))}),
        Example("the same twice", fires=0, config=_CONFIG, tensors=_TENSORS, pickled=_TENSORS),
        Example("one file", fires=0, config=_CONFIG, tensors=_TENSORS),
    ),
)


def check(target: Target, weights: Weights) -> Iterator[Finding]:
    """At most one finding, at the .bin, naming the first difference."""
    if target.kind is not TargetKind.adapter or weights.pickled or not target.pickled:
        return
    from adapterlint.artifacts.pickled import read

    other = read(target.pickled)
    if isinstance(other, Broken):
        return  # nobody reads it while the .safetensors is there
    difference = _difference(weights, other)
    if difference:
        names = weights.path.rpartition("/")[2], other.path.rpartition("/")[2]
        message = f"{names[0]} and {names[1]} differ: {difference}; PEFT reads the first"
        yield RULE.finding(message, Place(other.path), related=(Place(weights.path),))


def _difference(weights: Weights, other: Weights) -> str:
    """The first difference in words; "" if both hold the same as far as can be told."""
    only, missing = weights.tensors.keys() - other.tensors.keys(), other.tensors.keys() - weights.tensors.keys()
    if only or missing:
        many, where = (only, "first") if only else (missing, "second")
        rest = f" and {len(many) - 1} more are" if len(many) > 1 else " is"
        return f"{min(many)}{rest} in the {where} only"
    apart = [name for name in weights.tensors if weights.tensors[name].shape != other.tensors[name].shape]
    if apart:
        return f"{apart[0]} is {list(weights.tensors[apart[0]].shape)} and {list(other.tensors[apart[0]].shape)}"
    apart = [name for name in weights.tensors if not _alike(weights, other, name)]
    return f"the values of {len(apart)} of {len(weights.tensors)} tensors, {apart[0]} first" if apart else ""


def _alike(weights: Weights, other: Weights, name: str) -> bool:
    """Whether size and largest element agree up to the rounding of a 16-bit dtype; where unread, they may."""
    one, two = weights.facts(name), other.facts(name)
    if one is None or two is None:
        return True
    close = 1e-3 if weights.tensors[name].dtype == other.tensors[name].dtype else 2e-2
    pairs = ((one.max_abs, two.max_abs), (weights.squares(name) or 0.0, other.squares(name) or 0.0))
    return one.non_finite == two.non_finite and all(abs(a - b) <= close * max(a, b) for a, b in pairs)
