"""Whether the parameters of an adapter can be trained: how it was loaded, and what may have unfrozen it since."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from adapterlint.knowledge.calls import METHODS, function
from adapterlint.knowledge.effects import ACTIVATED, DELETED, DISABLED, ENABLED, LOADED, WRAPPED
from adapterlint.knowledge.models import AUTO_PEFT_CLASSES, PEFT_CLASSES
from adapterlint.knowledge.sentence_transformers import TRUSTED
from adapterlint.knowledge.training import PARAMETERS
from adapterlint.model import Span
from adapterlint.names.objects import Constant

if TYPE_CHECKING:
    from adapterlint.names import Act, Event, Names, Object
    from adapterlint.names.where import Where

_LOADS = frozenset(f"{name}.from_pretrained" for name in (*PEFT_CLASSES, *AUTO_PEFT_CLASSES))
_SETS = re.compile(r"\.requires_grad\s*=(?!=)|\.requires_grad_\s*\(|\brequires_grad\s*=\s*True|\"requires_grad\"")
#: PEFT makes the active adapter trainable with each of these; so does the end of `with model.disable_adapter():`.
_UNFREEZE = (ACTIVATED, ENABLED, DISABLED, LOADED, DELETED)
#: Attributes of a model that are set without putting a module into it.
_PLAIN = frozenset(
    {"is_parallelizable", "model_parallel", "config", "generation_config", "active_adapter", "hf_device_map"}
)


def loads(act: Act) -> bool:
    """Whether the call is a `from_pretrained` of PEFT, which takes `is_trainable`."""
    return act.call in _LOADS


def trainable(act: Act) -> bool | None:
    """What the call that loads an adapter says of `is_trainable`; None where that is not known."""
    if any(it.name is None for it in act.arguments):  # a splat, or a position that is not known
        return None
    given = act.argument("is_trainable")
    if given is None:
        return False
    said = {it.text if isinstance(it, Constant) else "" for it in given.values}
    return {"True": True, "False": False}.get(said.pop()) if len(said) == 1 else None


def unfrozen(names: Names, wrap: Act, model: Object, at: Act | Event) -> bool:
    """Whether something between the wrap and that moment may make parameters of the model trainable."""
    history = names.history
    for it in history.between(wrap, model, at):
        if it.act is wrap:
            continue
        if it.kind in _UNFREEZE or it.kind == WRAPPED or (it.kind == "member" and it.detail == "requires_grad_"):
            return True
        if (it.kind == "passed" and not known(it.detail, names)) or (it.kind == "assigned" and it.detail not in _PLAIN):
            return True
    return sets_gradients(names, model, wrap)


def known(callee: str, names: Names) -> bool:
    """Whether it is known that the callee does to a model no more than its own events say.

    A class of this source without an `__init__` of its own is known as the library class that it derives from.
    """
    if callee.split(".")[0] in TRUSTED or function(callee) is not None or callee in METHODS:
        return True
    return names.history.derives(callee)


def sets_gradients(names: Names, model: Object, wrap: Act) -> bool:
    """Whether a line of the source may set `requires_grad` of the model's parameters after the wrap."""
    family = set(names.history.family(model))
    sets = {
        it.site: (owner, it)
        for owner in names.objects()
        for it in owner.events
        if (it.kind, it.detail) in (("assigned", "requires_grad"), ("member", "requires_grad_"))
    }
    for source, view in names.files():
        for cell in source.cells:
            for match in _SETS.finditer(cell.masked):
                site = view.site(cell.index, Span(match.start(), match.end()))
                found = [it for at, it in sets.items() if at.cell == site.cell and at.start <= site.start <= at.end]
                if not found:
                    return True
                for owner, it in found:
                    mine = set(owner.of) & family if owner.is_a(PARAMETERS) else {owner} & family
                    if mine and names.history.before(wrap, it) is not False:
                        return True
    return False


def meets(one: Act | Event, other: Act | Event) -> bool:
    """Whether a source that comes through `one` is meant to come through `other` as well.

    Not so where each stands under a condition that the other does not: two options of one script.
    """
    return not (_alone(one, other.where) and _alone(other, one.where))


def _alone(moment: Act | Event, other: Where) -> bool:
    shared = {arm.fork for arm in other.arms}
    spans = [(moment.site.start, moment.site.end)]
    for call in moment.where.calls:
        if call is not None:
            spans.append((call.range().start.index, call.range().end.index))
    for arm in moment.where.arms:
        main = any("__name__" in text for _, text, _ in arm.given)
        inside = any(arm.site.start <= start and end <= arm.site.end for start, end in spans)
        if arm.fork not in shared and inside and not main and arm.kind != "try":
            return True
    return False
