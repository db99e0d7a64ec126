"""Some experts of a mixture have no tensors, though their neighbours have and the config selects them all. Measured on
tiny Mixtrals: with transformers 4, where every expert is a module of its own, PEFT warns of missing keys and those
experts answer as in the base; with transformers 5, which fuses the experts of a layer into one parameter, PEFT cannot
stack what remains and raises a RuntimeError.

It comes from expert parallelism, where each process saved the experts it held, from a lost shard, from FSDP ranks that
each wrote their own part, or from a filter on names. An expert that was never routed to is no such case: PEFT saves
its lora_A and a zero lora_B.

A config that selects experts one by one (full paths, a regular expression, exclude_modules) explains what is absent,
and then nothing is said. Where whole experts lack at the end of some layers only, the model may have fewer there; that
is a warning.

To mend it, gather the parts of all processes and save once (`model.save_pretrained` after the state dict is whole), or
fetch the missing shard; joining files is `save_file({**load_file(one), **load_file(other)}, …)` with safetensors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.loadplan.keyform import split
from adapterlint.loadplan.reading import in_words
from adapterlint.loadplan.select import Selector, Undecidable
from adapterlint.model import Example, ExampleTensor, Rule, Severity, Status

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.loadplan.compare import Plan
    from adapterlint.model import Finding

_CONFIG = {"peft_type": "LORA", "base_model_name_or_path": "tiny", "target_modules": ["w1", "w2", "w3"], "r": 2}
_A, _B = ExampleTensor((2, 4)), ExampleTensor((4, 2))


def _experts(layer: int, *modules: str) -> dict[str, ExampleTensor]:
    stem = f"base_model.model.model.layers.{layer}.block_sparse_moe.experts"
    return {f"{stem}.{module}.lora_{factor}.weight": it for module in modules for factor, it in (("A", _A), ("B", _B))}


_WHOLE = ("0.w1", "0.w2", "0.w3", "1.w1", "1.w2", "1.w3", "2.w1", "2.w2", "2.w3")

RULE = Rule(
    id="experts-missing",
    family="weights",
    severity=Severity.error,
    summary="experts without tensors among others that have them",
    why=__doc__ or "",
    examples=(
        Example(
            "the second of three",
            config=_CONFIG,
            tensors=_experts(0, "0.w1", "0.w2", "0.w3", "2.w1", "2.w2", "2.w3"),
            status=Status.partly_loaded,
        ),
        Example(
            "one projection of one expert",
            config=_CONFIG,
            tensors=_experts(0, "0.w1", "0.w2", "0.w3", "1.w1", "1.w2"),
            status=Status.partly_loaded,
        ),
        Example(
            "the last of one layer",
            config=_CONFIG,
            tensors={**_experts(0, *_WHOLE), **_experts(1, *_WHOLE[:6])},
            severity=Severity.warning,
            status=Status.partly_loaded,
        ),
        Example("all", fires=0, config=_CONFIG, tensors={**_experts(0, *_WHOLE), **_experts(1, *_WHOLE)}),
        Example(
            "one was left out on purpose",
            fires=0,
            config={**_CONFIG, "exclude_modules": ["experts.1.w1", "experts.1.w2", "experts.1.w3"]},
            tensors=_experts(0, "0.w1", "0.w2", "0.w3", "2.w1", "2.w2", "2.w3"),
        ),
        Example(
            "the last projection was not wanted",
            fires=0,
            config={**_CONFIG, "target_modules": ["w1", "w2"]},
            tensors=_experts(0, "0.w1", "0.w2", "1.w1", "1.w2"),
        ),
    ),
    references=("https://github.com/huggingface/accelerate/issues/4206",),
)

_EXPERT = re.compile(r"(.*\bexperts)\.(\d+)\.(.+)")
_MOST = 4096
"""The highest number of an expert that is believed."""
_FEW = 1_000_000
"""Modules of experts above which a file is not believed: the largest models have some hundred thousand."""

Layers = dict[str, dict[int, set[str]]]


def check(config: Config, weights: Weights, plan: Plan) -> Iterator[Finding]:
    """At most one finding. With a base the plan itself knows what is missing; what does not land is told first."""
    if plan.base is not None or plan.unexpected or config.peft_type != "LORA":
        return
    certain, tails = _absent(_layers(weights))
    missing = _selected(certain + tails, config)
    if not missing:
        return
    sure = not set(certain).isdisjoint(missing)
    what = f"{len(missing)} modules of experts have" if len(missing) > 1 else "a module of the experts has"
    message = (
        f"{what} no tensors ({in_words(missing)}) though the config selects {'them' if len(missing) > 1 else 'it'} and "
        "the other experts have, so they stay as in the base, or PEFT refuses the file"
    )
    first = next(iter(weights.tensors))
    severity = Severity.error if sure else Severity.warning
    yield RULE.finding(message, weights.place(first), severity=severity, status=Status.partly_loaded)


def _absent(layers: Layers) -> tuple[list[str], list[str]]:
    """Modules that others of their block have: of experts before the last one of the block, and of those behind it."""
    last: dict[str, int] = {}
    for layer, experts in layers.items():
        last[_masked(layer)] = max(last.get(_masked(layer), 0), *experts)
    kinds = {layer: set[str]().union(*experts.values()) for layer, experts in layers.items()}
    certain: list[str] = []
    tails: list[str] = []
    if sum(len(kinds[layer]) * last[_masked(layer)] for layer in layers) > _FEW:
        return certain, tails
    for layer, experts in layers.items():
        top = max(experts)
        for number in range(last[_masked(layer)] + 1):
            absent = sorted(kinds[layer] - experts.get(number, set()))
            (certain if number <= top else tails).extend(f"{layer}.{number}.{kind}" for kind in absent)
    return certain, tails


def _layers(weights: Weights) -> Layers:
    """The path of each block of experts -> number of an expert -> its modules that have a factor."""
    found: Layers = {}
    for name in weights.tensors:
        part = split(name)
        match = _EXPERT.fullmatch(part.module) if part is not None else None
        if match and len(match[2]) <= 4 and int(match[2]) <= _MOST:
            found.setdefault(match[1], {}).setdefault(int(match[2]), set()).add(match[3])
    return found


def _masked(layer: str) -> str:
    return re.sub(r"\d+", "*", layer)


def _selected(paths: list[str], config: Config) -> list[str]:
    try:
        selector = Selector(config, None)
        return [path for path in paths if not selector.is_all_linear and selector.selects(path)]
    except Undecidable:
        return []
