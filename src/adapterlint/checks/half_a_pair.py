"""Every LoRA module has two factors, and what is added to the base weight is their product, lora_B · lora_A. A
file with only one of them loads all the same: PEFT makes the missing factor anew and warns at most.

If lora_B is missing, the new one is zero and the module does nothing. If lora_A is missing, the new one is
random, and the trained lora_B is multiplied with noise that differs from load to load.

It comes from filtering a state dict by name (`if "lora_A" in key`), from a lost shard, from FSDP ranks that
each saved their own part, or from training with one factor frozen and saving only what has gradients.

Other types have other partners: AdaLoRA three, LoHa four, VeRA's two vectors, and so on. The rule is the same.

To mend it, save again with `model.save_pretrained(folder)`, which writes both; in a sharded file, fetch every
shard.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.knowledge.updates import SHARED_BY_LAYERS, STARTS, UNPROVEN
from adapterlint.loadplan.keyform import keyform, split
from adapterlint.loadplan.pairs import all_of, in_groups
from adapterlint.loadplan.updates import kind_of, lacking, modules_of, stands_alone, start_of
from adapterlint.model import Example, ExampleTensor, Rule, Severity, Status, TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding, Target

_CONFIG = {"peft_type": "LORA", "base_model_name_or_path": "bert-base-uncased", "target_modules": ["query"], "r": 2}
_LAYER = "base_model.model.encoder.layer.{}.attention.self.query"
_A, _B = ExampleTensor((2, 4)), ExampleTensor((4, 2))

RULE = Rule(
    id="half-a-pair",
    family="weights",
    severity=Severity.error,
    summary="a factor without its partners: lora_A without lora_B, …",
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
            "AdaLoRA without its singular values",
            config={**_CONFIG, "peft_type": "ADALORA"},
            tensors={f"{_LAYER.format(0)}.lora_A": _A, f"{_LAYER.format(0)}.lora_B": _B},
            status=Status.inert,
        ),
        Example(
            "LoHa has four",
            config={**_CONFIG, "peft_type": "LOHA"},
            tensors={
                f"{_LAYER.format(0)}.hada_w1_a": _B,
                f"{_LAYER.format(0)}.hada_w1_b": _A,
                f"{_LAYER.format(0)}.hada_w2_b": _A,
            },
            status=Status.partly_loaded,
        ),
        Example(
            "IA3 has one",
            fires=0,
            config={**_CONFIG, "peft_type": "IA3"},
            tensors={f"{_LAYER.format(0)}.ia3_l": ExampleTensor((4, 1))},
        ),
    ),
)


def check(target: Target, weights: Weights, config: Config | None = None) -> Iterator[Finding]:
    """One finding per factor that modules lack although they have the others."""
    kind = kind_of(weights, config)
    if target.kind is not TargetKind.adapter or (config is not None and not kind):
        return
    without: dict[str, list[str]] = {}
    for module, factors in lacking(weights, kind).items():
        for factor in factors:
            without.setdefault(factor, []).append(module)
    total = modules_of(weights)
    for factor, modules in sorted(without.items(), key=lambda item: item[0] not in STARTS):
        if factor not in SHARED_BY_LAYERS or len(modules) == total:
            yield _finding(weights, kind, factor, modules, total)


def _finding(weights: Weights, kind: str, factor: str, modules: list[str], total: int) -> Finding:
    every = len(modules) == total
    where = all_of(total) if every else f"{len(modules)} of {total} modules"
    value = start_of(factor, kind)
    if keyform(weights.tensors).is_foreign:
        effect = "nothing can be made of the rest"
    elif value is None:
        effect = "a new, untrained one takes its place"
    else:
        effect = f"a new one takes its place, which is {value}"
    message = f"{factor} is missing in {where} ({in_groups(modules)}), so {effect}"
    name = next(name for name in weights.tensors if (part := split(name)) is not None and part.module == modules[0])
    # Where several summands make up the update, the others still count.
    nothing = every and value is not None and kind not in UNPROVEN and (not kind or stands_alone(weights, kind, factor))
    return RULE.finding(message, weights.place(name), status=Status.inert if nothing else Status.partly_loaded)
