"""Where PeftModel and the `load_adapter` of transformers do different things with the tensors of one LoRA file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapterlint.knowledge.keys import PEFT_PREFIX
from adapterlint.loadplan.keyform import split

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.environment import Requirement
    from adapterlint.artifacts.weights import Weights
    from adapterlint.loadplan.compare import Plan

RENAMES_SINCE = "5.0"
"""Before, transformers gave the file to PEFT once `base_model.model.` was off, and took what PeftModel takes."""

STRIPS_ALL_SINCE = "5.6"
"""From RENAMES_SINCE until then only keys that go on with `model.` lost their `base_model.model.`."""

_STRIPPED = f"{PEFT_PREFIX}model."
VECTOR = ".lora_magnitude_vector"


@dataclass(frozen=True, slots=True)
class Difference:
    """Names of adapter tensors that one of the two loaders puts in and the other drops; `rest`: others that both do."""

    dropped: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()


def difference(config: Config, weights: Weights, plan: Plan, transformers: Requirement) -> Difference:
    """What is certain: `dropped` lands by `plan` (PeftModel) and not by `load_adapter`, `taken` the reverse.

    Measured with transformers 4.44, 4.57, 5.0, 5.4, 5.5, 5.6, 5.10 and 5.23. Where nothing bounds the version, it
    is taken for a new one. Without a base only the names that no base can take are known to be dropped.
    """
    if config.peft_type != "LORA" or plan.raises or plan.unsaved or transformers.always_below(RENAMES_SINCE):
        return Difference()
    landed = _of_adapter((*plan.landed, *plan.overwriting))
    if transformers.always_at_least(RENAMES_SINCE) and transformers.always_below(STRIPS_ALL_SINCE):
        return _sorted_out(landed, [name for name in landed if name.startswith(_STRIPPED) and _is_plain(name)], ())
    from adapterlint.loadplan.mixin import plan_transformers

    theirs = plan_transformers(config, weights, plan.base) if plan.base is not None else None
    if theirs is None:
        return _sorted_out(landed, filter(_is_plain, landed), ())
    if theirs.raises:
        return Difference()
    passed_by = {each.name for each in theirs.mismatched}
    return _sorted_out(landed, (*theirs.landed, *theirs.overwriting, *passed_by), _of_adapter(plan.unexpected))


def _sorted_out(landed: Iterable[str], theirs: Iterable[str], unexpected: Iterable[str]) -> Difference:
    found = set(theirs)
    return Difference(
        dropped=tuple(name for name in landed if name not in found),
        taken=tuple(name for name in unexpected if name in found),
        rest=tuple(name for name in landed if name in found),
    )


def _of_adapter(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if split(name) is not None)


def _is_plain(name: str) -> bool:
    """Whether nothing in the name alone makes `load_adapter` drop the tensor."""
    part = split(name)
    return part is not None and not part.adapter and not name.endswith(VECTOR)
