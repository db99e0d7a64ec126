"""Every LoRA module has two factors, and what is added to the base weight is their product, lora_B · lora_A. A
file with only one of them loads all the same: PEFT makes the missing factor anew and warns at most.

If lora_B is missing, the new one is zero and the module does nothing. If lora_A is missing, the new one is
random, and the trained lora_B is multiplied with noise that differs from load to load.

It comes from filtering a state dict by name (`if "lora_A" in key`), from a lost shard, from FSDP ranks that
each saved their own part, or from training with one factor frozen and saving only what has gradients.

To mend it, save again with `model.save_pretrained(folder)`, which writes both; in a sharded file, fetch every
shard.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.loadplan.pairs import in_groups, is_empty, is_lora, layout
from adapterlint.model import Example, ExampleTensor, Rule, Severity, Status, TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.loadplan.pairs import Pair
    from adapterlint.model import Finding, Target

_CONFIG = {"peft_type": "LORA", "base_model_name_or_path": "bert-base-uncased", "target_modules": ["query"], "r": 2}
_LAYER = "base_model.model.encoder.layer.{}.attention.self.query"
_A, _B = ExampleTensor((2, 4)), ExampleTensor((4, 2))

RULE = Rule(
    id="half-a-pair",
    family="weights",
    severity=Severity.error,
    summary="lora_A without its lora_B, or the reverse",
    why=__doc__ or "",
    examples=(
        Example(
            "one layer has lost its lora_B",
            config=_CONFIG,
            tensors={
                f"{_LAYER.format(0)}.lora_A.weight": _A,
                f"{_LAYER.format(0)}.lora_B.weight": _B,
                f"{_LAYER.format(1)}.lora_A.weight": _A,
            },
            status=Status.partly_loaded,
        ),
        Example(
            "no lora_B at all, so nothing changes",
            config=_CONFIG,
            tensors={f"{_LAYER.format(0)}.lora_A.weight": _A},
            status=Status.inert,
        ),
        Example(
            "one layer has lost its lora_A",
            config=_CONFIG,
            tensors={
                f"{_LAYER.format(0)}.lora_A.weight": _A,
                f"{_LAYER.format(0)}.lora_B.weight": _B,
                f"{_LAYER.format(1)}.lora_B.weight": _B,
            },
            status=Status.partly_loaded,
        ),
        Example(
            "both factors everywhere",
            fires=0,
            config=_CONFIG,
            tensors={f"{_LAYER.format(0)}.lora_A.weight": _A, f"{_LAYER.format(0)}.lora_B.weight": _B},
        ),
        Example(
            "AdaLoRA has other factors",
            fires=0,
            config={**_CONFIG, "peft_type": "ADALORA"},
            tensors={f"{_LAYER.format(0)}.lora_A": _A, f"{_LAYER.format(0)}.lora_E": ExampleTensor((2, 1))},
        ),
    ),
)


def check(target: Target, weights: Weights, config: Config | None = None) -> Iterator[Finding]:
    """At most one finding for the modules without their second factor, and one for those without their first."""
    if target.kind is not TargetKind.adapter or (config is not None and not config.is_peft):
        return
    if not is_lora(weights, config):
        return
    if all(is_empty(tensor.shape) for tensor in weights.tensors.values()):
        return  # no-tensors tells that
    pairs = layout(weights.tensors).pairs
    for missing in (1, 0):
        halves = [pair for pair in pairs if (pair.first, pair.second)[missing] is None]
        if halves:
            yield _finding(weights, halves, missing, of=len(pairs))


def _finding(weights: Weights, halves: list[Pair], missing: int, of: int) -> Finding:
    lost = halves[0].factors[missing]
    every = len(halves) == of
    where = (
        f"all {of} modules" if every and of > 1 else f"{len(halves)} of {of} modules" if of > 1 else "the only module"
    )
    effect = "a new, random one takes its place" if missing == 0 else "a new one takes its place, which is zero"
    nothing = every and missing == 1
    message = f"{lost} is missing in {where} ({in_groups(halves)}), so {effect}"
    place = weights.place(halves[0].names[0])
    return RULE.finding(message, place, status=Status.inert if nothing else Status.partly_loaded)
