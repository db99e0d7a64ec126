"""A NaN or an infinity in one weight reaches every output that passes through its layer: logits become NaN, embeddings
compare equal to nothing. Neither PEFT nor safetensors looks at values, so such an adapter loads without a word.

It comes from training that diverged or overflowed: float16 without loss scaling, a learning rate too high, a
batch without labels (a mean over nothing), or a division of a zero norm. The loss was NaN at some step, or the
gradient norm.

To mend it, go back to the last checkpoint without such values (adapterlint on all `checkpoint-*` folders shows
which), train in bfloat16 or float32, lower the learning rate, clip gradients, and stop when the loss is not
finite.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.model import Example, ExampleTensor, Rule, Severity, Status, TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding, Target

_CONFIG = {"peft_type": "LORA", "base_model_name_or_path": "bert-base-uncased", "target_modules": ["query"], "r": 2}
_QUERY = "base_model.model.encoder.layer.0.attention.self.query"

RULE = Rule(
    id="non-finite-values",
    family="weights",
    severity=Severity.error,
    summary="NaN or infinity among the weights",
    why=__doc__ or "",
    examples=(
        Example(
            "lora_B is NaN",
            config=_CONFIG,
            tensors={
                f"{_QUERY}.lora_A.weight": ExampleTensor((2, 4)),
                f"{_QUERY}.lora_B.weight": ExampleTensor((4, 2), float("nan")),
            },
            status=Status.wrong,
        ),
        Example(
            "half precision overflowed",
            config=_CONFIG,
            tensors={
                f"{_QUERY}.lora_A.weight": ExampleTensor((2, 4), float("inf"), "F16"),
                f"{_QUERY}.lora_B.weight": ExampleTensor((4, 2), 0.5, "F16"),
            },
            status=Status.wrong,
        ),
        Example(
            "large but finite",
            fires=0,
            config=_CONFIG,
            tensors={
                f"{_QUERY}.lora_A.weight": ExampleTensor((2, 4), 60000.0, "F16"),
                f"{_QUERY}.lora_B.weight": ExampleTensor((4, 2), 0.5, "F16"),
            },
        ),
    ),
)


def check(target: Target, weights: Weights) -> Iterator[Finding]:
    """At most one finding, at the first tensor hit, with the number of tensors and of values."""
    if target.kind is not TargetKind.adapter:
        return
    hit: dict[str, int] = {}
    for name in (name for name, what in weights.profile.odd.items() if what == "not finite"):
        facts = weights.facts(name)
        if facts is not None and facts.non_finite:
            hit[name] = int(facts.non_finite)
    if not hit:
        return
    first = next(iter(hit))
    total = len(weights.tensors)
    rest = f" and {len(hit) - 1} more of {total} tensors" if len(hit) > 1 else ""
    verb = "hold" if rest else "holds"
    values = "value that is" if sum(hit.values()) == 1 else "values that are"
    message = f"{first}{rest} {verb} {sum(hit.values())} {values} NaN or infinite"
    yield RULE.finding(message, weights.place(first), status=Status.wrong)
