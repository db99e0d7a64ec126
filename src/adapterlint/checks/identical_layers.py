"""Two layers hold the same update, element for element: lora_A and lora_B of one equal those of the other. Each
layer gets gradients of its own, so training never leaves that; nothing complains, since names and shapes are right.

It comes from a script that filled missing layers with copies (a conversion between models of different depth, a
"frankenmerge"), from a loop with a wrong index while renaming or merging, or from a framework that shared one
parameter between layers when it should have copied it. Measured on a small Llama with layer 0 written over layer 1,
the output was as far from the trained one as the base model's.

To mend it, look at the script that wrote the file: in most cases the index of the layer is computed once outside the
loop. Convert again from the source, or take an earlier checkpoint. If the model really shares its layers (ALBERT),
each shared module appears once in the file and nothing is reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.loadplan.pairs import is_lora, layout
from adapterlint.model import Example, ExampleTensor, Rule, Severity, TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.loadplan.pairs import Pair
    from adapterlint.model import Finding, Target

FEWEST = 64
"""Elements of a factor below which equal tensors may be chance or a toy."""
_CONFIG = {"peft_type": "LORA", "base_model_name_or_path": "bert-base-uncased", "target_modules": ["query"], "r": 2}


def _layers(*numbers: int) -> dict[str, ExampleTensor]:
    """One query projection for each number; equal numbers give equal values."""
    path = "base_model.model.encoder.layer.{}.attention.self.query.lora_{}.weight"
    first = {path.format(at, "A"): ExampleTensor((2, 64), varied=number) for at, number in enumerate(numbers)}
    return first | {path.format(at, "B"): ExampleTensor((64, 2), varied=number) for at, number in enumerate(numbers)}


RULE = Rule(
    id="identical-layers",
    family="weights",
    severity=Severity.warning,
    summary="two layers with the same update, element for element",
    why=__doc__ or "",
    examples=(
        Example("layer 2 is a copy of layer 0", config=_CONFIG, tensors=_layers(1, 2, 1)),
        Example("each layer its own", fires=0, config=_CONFIG, tensors=_layers(1, 2, 3)),
    ),
)


def check(target: Target, weights: Weights, config: Config | None = None) -> Iterator[Finding]:
    """At most one finding, at the first module that is a copy."""
    if target.kind is not TargetKind.adapter or not weights.profile.repeats or not is_lora(weights, config):
        return
    first: dict[tuple[object, ...], Pair] = {}
    copies: list[tuple[Pair, Pair]] = []
    for pair in layout(weights.tensors).complete:
        key = _key(weights, pair)
        if key is None:
            continue
        original = first.setdefault(key, pair)
        if original is not pair and _same(weights, original, pair):
            copies.append((original, pair))
    if copies:
        original, copy = copies[0]
        rest = f", and {len(copies) - 1} more modules are copies" if len(copies) > 1 else ""
        message = f"{copy.module} holds the same update as {original.module}, element for element{rest}"
        related = (weights.place(original.names[0]),)
        yield RULE.finding(message, weights.place(copy.names[0]), related=related)


def _key(weights: Weights, pair: Pair) -> tuple[object, ...] | None:
    """Equal for equal updates; None where the update is zero, constant, small or unread."""
    key: list[object] = []
    for name in pair.names:
        facts = weights.facts(name)
        if facts is None or facts.elements < FEWEST or not facts.max_abs or facts.non_finite:
            return None
        if facts.sum_squares is None:
            key.append(facts.checksum)
        elif facts.sum_squares > 0.999 * facts.elements * facts.max_abs**2:
            return None  # all of one magnitude: constant-tensor's
        else:
            key.append(round(facts.sum_squares / facts.max_abs**2, 3))
        key += [facts.max_abs, weights.tensors[name].shape]
    return tuple(key)


def _same(weights: Weights, one: Pair, two: Pair) -> bool:
    from adapterlint.artifacts.weights.values import read_raw

    for left, right in zip(one.names, two.names, strict=True):
        data = read_raw(weights.tensors[left])
        if data is None or data != read_raw(weights.tensors[right]):
            return False
    return True
