"""In some modules the factors add up to nothing (one of LoRA's two is all zero, IA3 is one throughout, …), so these
modules do nothing, while others were trained. The adapter works, but less of it than its config says.

A few such modules are often harmless: the last layer's unused projections, an expert that no token reached, a
branch that the task does not use. Where most modules are zero, something cut their gradients: gradient
checkpointing without `model.enable_input_require_grads()`, an optimizer that was built before the second
adapter was added, shards that FSDP lost when saving, frozen layers. Then the adapter is not what the training
run was meant to give.

To see whether it matters, look at which kinds and layers the message names. To mend it, train again with
gradients on all of them (`sum(p.grad is not None for p in model.parameters() if p.requires_grad)` after one
backward pass), or take the modules that do nothing out of target_modules.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.knowledge.updates import NO_IDENTITY
from adapterlint.loadplan.pairs import in_groups
from adapterlint.loadplan.updates import add_up, kind_of
from adapterlint.model import Example, ExampleTensor, Rule, Severity, TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding, Target

_CONFIG = {"peft_type": "LORA", "base_model_name_or_path": "bert-base-uncased", "target_modules": ["query"], "r": 2}


def _layers(*values: float) -> dict[str, ExampleTensor]:
    """One query projection per value, which is that of its lora_B."""
    path = "base_model.model.encoder.layer.{}.attention.self.query"
    first = {f"{path.format(at)}.lora_A.weight": ExampleTensor((2, 4)) for at in range(len(values))}
    return first | {f"{path.format(at)}.lora_B.weight": ExampleTensor((4, 2), value) for at, value in enumerate(values)}


RULE = Rule(
    id="partly-inert",
    family="weights",
    severity=Severity.warning,
    summary="some modules' update is zero, so they do nothing",
    why=__doc__ or "",
    examples=(
        Example("two of three", config=_CONFIG, tensors=_layers(0.0, 0.0, 0.1)),
        Example("one of two is a hint", config=_CONFIG, tensors=_layers(0.0, 0.1), severity=Severity.hint),
        Example("none", fires=0, config=_CONFIG, tensors=_layers(0.1, 0.2)),
        Example("all, which is inert-adapter", fires=0, config=_CONFIG, tensors=_layers(0.0, 0.0)),
    ),
    references=("https://github.com/locuslab/open-unlearning/issues/178",),
)


def check(target: Target, weights: Weights, config: Config | None = None) -> Iterator[Finding]:
    """At most one finding, at the first tensor that makes a module nothing: a warning above half, else a hint."""
    kind = kind_of(weights, config)
    if target.kind is not TargetKind.adapter or kind in NO_IDENTITY or (config is not None and not kind):
        return
    if kind == "ADALORA":
        return  # pruning modules is what it is for
    found = add_up(weights, kind)
    if not found.dead or len(found.dead) == found.total:
        return
    message = f"{found.words()} {found.where}: {in_groups(found.dead)}"
    severity = Severity.warning if 2 * len(found.dead) > found.total else Severity.hint
    yield RULE.finding(message, weights.place(found.first), severity=severity)
