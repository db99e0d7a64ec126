"""The load plan sorted by cause, for the rules that tell them: each tensor that does not land has one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from adapterlint.knowledge.base_models import INPUT_EMBEDDINGS
from adapterlint.knowledge.keys import PEFT_PREFIX
from adapterlint.loadplan.keyform import split
from adapterlint.model import Status

if TYPE_CHECKING:
    from adapterlint.artifacts.base import Base
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.loadplan.compare import Mismatch, Plan

_NUMBER = re.compile(r"\.(\d+)(?=\.|$)")
_OWN_LEFTOVERS = (".modules_to_save.", ".original_module.")


@dataclass(frozen=True, slots=True)
class Causes:
    """Names of tensors that land nowhere, by cause, and modules that get nothing.

    `unselected`: of modules the config leaves out; `out_of_range`: of layers the base does not have; `not_in_base`: of
    modules the base does not have; `wrapped_twice`: of a layer inside another adapter's layer. `without_tensors`:
    modules that get layers for which the file holds nothing at all.
    """

    unselected: tuple[str, ...]
    out_of_range: tuple[str, ...]
    not_in_base: tuple[str, ...]
    wrapped_twice: tuple[str, ...]
    without_tensors: tuple[str, ...]


def causes(plan: Plan, config: Config) -> Causes:
    """Sort what the plan says. Halves of a pair, vectors of DoRA and adapter names in keys are other rules' matter."""
    sorted_out: dict[str, list[str]] = {"unselected": [], "out_of_range": [], "not_in_base": [], "wrapped_twice": []}
    for name in plan.unexpected:
        cause = _cause(name, plan, config)
        if cause:
            sorted_out[cause].append(name)
    without = tuple(_without_tensors(plan, config)) if plan.base is not None else ()
    return Causes(**{cause: tuple(names) for cause, names in sorted_out.items()}, without_tensors=without)


def _cause(name: str, plan: Plan, config: Config) -> str:
    part = split(name)
    if part is None:
        path = name.removeprefix(PEFT_PREFIX).rpartition(".")[0]
        # with `bias="all"` PEFT itself writes biases of wrapped heads that it does not read again
        known = plan.base is None or any(left in name for left in _OWN_LEFTOVERS) or ".base_layer." in name
        return "" if known or path in _paths(plan) else _beyond(path, plan.base)
    if part.adapter:
        return ""
    if part.factor == "trainable_tokens_delta":
        return "unselected"
    if part.module.endswith(".base_layer") and not config.get("target_parameters"):
        return "wrapped_twice"
    if part.module in plan.modules:
        own_bias = part.factor == "lora_B" and part.tail == "bias" and not part.adapter
        return "unselected" if own_bias and not config.get("lora_bias") else ""
    if plan.base is not None and part.module not in plan.base.paths:
        return _beyond(part.module, plan.base)
    return "unselected"


def _paths(plan: Plan) -> frozenset[str]:
    return plan.base.paths if plan.base is not None else frozenset()


def _beyond(path: str, base: Base | None) -> str:
    """Whether another layer of the base has such a module, or none."""
    if base is None:
        return ""
    found = _NUMBER.search(path)
    if found and int(found[1]) >= base.layers and _as_pattern(path) in _patterns(base):
        return "out_of_range"
    return "not_in_base"


@lru_cache(maxsize=4)
def _patterns(base: Base) -> frozenset[str]:
    return frozenset(map(_as_pattern, base.paths))


def _as_pattern(path: str) -> str:
    return _NUMBER.sub(".*", path, count=1)


def _without_tensors(plan: Plan, config: Config) -> Iterable[str]:
    assert plan.base is not None
    present = {part.module for part in map(split, (*plan.landed, *_names(plan.mismatched))) if part is not None}
    missing = {part.module: None for part in map(split, plan.missing) if part is not None}
    mapping = config.get("auto_mapping")
    cls = mapping.get("base_model_class") if isinstance(mapping, dict) else None
    for module in missing:
        # a module outside of the layers may belong to a head that the class which was trained does not have
        if module not in present and (_NUMBER.search(module) or cls == plan.base.architecture):
            yield module


def _names(mismatched: Iterable[Mismatch]) -> tuple[str, ...]:
    return tuple(each.name for each in mismatched)


def status_of(plan: Plan) -> Status:
    """What tensors that do not land make of the adapter."""
    return Status.partly_loaded if any(split(name) for name in plan.landed) else Status.loads_nothing


def stray_heads(plan: Plan, config: Config, weights: Weights) -> tuple[str, ...]:
    """Plain tensors that go onto parameters of the base although the config saves no such module.

    Not those PEFT writes itself: biases it trained, and the input and output embeddings that it saves together when
    the vocabulary grew or one of them is targeted. Heads of a classifier are taken into the config while it is loaded.
    Whole layers of the base are another fault (base-weights-inside).
    """
    trained = config.get("bias") not in (None, "none")
    names = [name for name in plan.overwriting if not (trained and name.endswith(".bias"))]
    names = [name for name in names if ".base_layer." not in name and name.rpartition(".")[2] in ("weight", "bias")]
    layers = [name for name in names if _NUMBER.search(name)]
    if sum(len(weights.tensors[name].shape) > 1 for name in layers) > 1:
        names = [name for name in names if name not in layers]
    owners = {name.split(".")[-2] for name in names if len(name.split(".")) > 1}
    if owners & INPUT_EMBEDDINGS:
        names = [name for name in names if name.split(".")[-2] not in INPUT_EMBEDDINGS | {"lm_head", "embed_out"}]
    return tuple(name for name in names if name.startswith(PEFT_PREFIX))


def in_words(paths: Iterable[str]) -> str:
    """ "model.layers.0.mlp.up_proj and 11 more"."""
    listed = list(paths)
    more = len(listed) - 1
    return listed[0] if not more else f"{listed[0]} and {more} more"
