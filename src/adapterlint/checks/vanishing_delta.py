"""The update is not zero, but so small that no output shows it. LoRA adds `scaling · lora_B · lora_A` to a weight
whose elements are around 0.02; here the elements of that product are below 0.0000001 in every module. Measured on a
small Llama in float32, updates of this size moved the logits by less than the seventh digit; in bfloat16 and
float16, which hold two to three digits, nothing moves at all, and merging into such weights rounds the update away.
An evaluation scores what the base model scores.

It comes from a learning rate too small by orders of magnitude (a warm-up that never ended, 2e-5 that became 2e-10, a
scheduler stepped once per sample), from a save after the first steps, from a lora_alpha far below `r`, or from
gradients that underflow in float16. What is compared is a bound, ‖lora_A‖·‖lora_B‖ times the scaling, so the real
update is smaller still.

To mend it, look at the learning rate and the loss curve of the run, and train on. If the loss did fall, the weights
saved here are not the ones that were trained.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.loadplan.pairs import all_of, layout
from adapterlint.loadplan.strength import bounds, floor
from adapterlint.model import Example, ExampleTensor, Rule, Severity, Status, TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding, Target

SMALLEST = 1e-7
"""Root mean square of an element of the update below which it shows in no output; weights are around 2e-2."""
_CONFIG = {"peft_type": "LORA", "base_model_name_or_path": "bert-base-uncased", "target_modules": ["query"], "r": 2}
_QUERY = "base_model.model.encoder.layer.0.attention.self.query"
_A, _B = f"{_QUERY}.lora_A.weight", f"{_QUERY}.lora_B.weight"

RULE = Rule(
    id="vanishing-delta",
    family="weights",
    severity=Severity.warning,
    summary="an update so small that no output shows it",
    why=__doc__ or "",
    examples=(
        Example(
            "lora_B has hardly moved",
            config=_CONFIG,
            tensors={_A: ExampleTensor((2, 4)), _B: ExampleTensor((4, 2), 1e-7)},
            status=Status.unknown,
        ),
        Example(
            "a small update",
            fires=0,
            config=_CONFIG,
            tensors={_A: ExampleTensor((2, 4)), _B: ExampleTensor((4, 2), 1e-4)},
        ),
        Example(
            "zero, which is inert-adapter's",
            fires=0,
            config=_CONFIG,
            tensors={_A: ExampleTensor((2, 4)), _B: ExampleTensor((4, 2), 0.0)},
        ),
        Example(
            "a head travels beside it",
            fires=0,
            config={**_CONFIG, "modules_to_save": ["classifier"]},
            tensors={
                _A: ExampleTensor((2, 4)),
                _B: ExampleTensor((4, 2), 1e-7),
                "base_model.model.classifier.weight": ExampleTensor((3, 4)),
            },
        ),
    ),
)


def check(target: Target, weights: Weights, config: Config) -> Iterator[Finding]:
    """At most one finding, at the strongest module, if the update of every module is that small and of one is not 0."""
    if target.kind is not TargetKind.adapter or config.get("use_dora") or floor(weights, config) >= SMALLEST:
        return
    file = layout(weights.tensors)
    if file.beside or not file.pairs:
        return
    found = []
    for bound in bounds(weights, config):
        if bound.rms >= SMALLEST:
            return
        found.append(bound)
    if len(found) < len(file.pairs) or not any(bound.norm for bound in found):
        return
    largest = max(found, key=lambda bound: bound.rms)
    message = f"the elements of the update are below {largest.rms:.1e} in {all_of(len(found))}, so no output shows it"
    yield RULE.finding(message, weights.place(largest.pair.names[-1]), status=Status.unknown)
