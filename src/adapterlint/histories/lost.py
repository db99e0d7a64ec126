"""Saves that do not hold the adapter: of the model inside while the layers are in it, or before there is training."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from adapterlint.histories.layers import is_prompt, surely
from adapterlint.histories.trainable import known
from adapterlint.knowledge.effects import FILLED, LOADED, MERGED, READ, SAVED, TRAINED, UNLOADED, WRAPPED
from adapterlint.knowledge.models import PEFT_MODEL, PRETRAINED, SENTENCE_TRANSFORMER
from adapterlint.knowledge.training import TRAINER
from adapterlint.names.history import literal
from adapterlint.names.objects import Object, Site, is_none

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.names import Names
    from adapterlint.names.acts import Act, Event

_WHOLE = frozenset(
    f"{cls}.{name}"
    for cls in (PRETRAINED, SENTENCE_TRANSFORMER)
    for name in ("save_pretrained", "push_to_hub", "save", "save_to_hub")
) | {f"{TRAINER}.save_model", f"{TRAINER}.push_to_hub"}
_ADAPTER = frozenset({f"{PEFT_MODEL}.save_pretrained", f"{PEFT_MODEL}.push_to_hub"})
_INSIDE = ("peft.", "unsloth.", "trl.")
_SURGERY = frozenset({"modules", "named_modules", "children", "named_children", "get_submodule", "set_submodule",
                      "_modules", "__dict__"})  # fmt: skip
_FIRST = re.compile(r"(?i)init|start|before|untrained|fresh|empty|zero|(?:epoch|step|round)[-_]?0")


class Lost(NamedTuple):
    """A save, and the other half of what makes it useless: the wrap inside, the patch, or the training after it."""

    act: Act
    other: Site


def unmerged(names: Names) -> Iterator[Lost]:
    """The saves of a whole model while adapter layers are inside that it does not know of."""
    moments: dict[tuple[object, ...], list[tuple[Act, Site | None]]] = {}
    for act in names.acts(SAVED):
        wrap = _inside(act, names) if act.call in _WHOLE else None
        moments.setdefault((act.site, *act.where), []).append((act, wrap))
    for found in moments.values():  # what is saved may be one of several objects: each must be lost
        act, wrap = found[0]
        if wrap is not None and all(it is not None for _, it in found) and _surely_saved(act, names):
            yield Lost(act, wrap)


def _inside(act: Act, names: Names) -> Site | None:
    """The wrap whose layers are surely inside what is saved and left as they are; None if there may be none."""
    models = [it for it in act.subject if isinstance(it, Object)]
    if len(models) != 1 or act.argument("state_dict") is not None or any(it.splat for it in act.arguments):
        return None
    model, history = models[0], names.history
    wraps = history.layers(model, act)
    if model.is_a(PEFT_MODEL) or not wraps:
        return None
    for it in wraps:
        around = [value for value in (it.act.subject if it.act else ()) if not is_none(value)]
        whole = [value for value in around if isinstance(value, Object) and value.is_a(SENTENCE_TRANSFORMER)]
        if it.act is None or not it.act.call.startswith(_INSIDE) or whole or is_prompt(it.act, names):
            return None
    sure = [it for it in wraps if it.sure and surely(history, it, act) and model in history.family(_around(it))]
    if not sure or any(_between(sure[0], it, act, names) for it in history.chosen(model, _changes, names)):
        return None
    return sure[0].site


def _around(wrap: Event) -> Object:
    return next(it for it in wrap.among if isinstance(it, Object))


def _changes(it: Event, names: Names) -> bool:
    """Whether the event may take layers out, or tell the model of them."""
    takes = it.kind in (MERGED, UNLOADED) and not it.detail.endswith(".merge_adapter")  # which leaves the layers in
    takes = takes or (it.kind == "passed" and not known(it.detail, names))
    takes = takes or (it.kind == "member" and it.detail in _SURGERY)
    return takes or (it.kind == "assigned" and it.detail in ("auto_model", "model", "state_dict"))


def _between(wrap: Event, it: Event, act: Act, names: Names) -> bool:
    """Whether a run may come to it after the wrap and before the save."""
    if names.history.before(wrap, it) is False:
        return False
    one, other = it.where, act.where
    any_order = one.alone and other.alone and one.functions[:1] != other.functions[:1]  # two methods nothing calls
    return any_order or names.history.before(it, act) is not False


def _surely_saved(act: Act, names: Names) -> bool:
    """Whether the expression in front of the method can be nothing unknown."""
    owner = owner_of(act.node)
    if owner is None:
        return False
    span = owner.range()
    values = names.at(Site(act.site.cell, span.start.index, span.end.index))
    return bool(values) and all(isinstance(it, Object) for it in values if not is_none(it))


def owner_of(call: SgNode | None) -> SgNode | None:
    """The expression whose method is called."""
    function = call.field("function") if call is not None else None
    return function.field("object") if function is not None else None


def early(names: Names) -> Iterator[Lost]:
    """The saves of a new adapter before it is trained, where it is trained later and not saved again."""
    for act in names.acts(SAVED):
        models = [it for it in act.subject if isinstance(it, Object)]
        if act.call not in _ADAPTER or len(models) != 1 or not _surely_saved(act, names):
            continue
        if _fresh(models[0]) and not names.unfollowed and not _meant(act, names):
            trained = _trained_only_after(act, models[0], names)
            if trained is not None:
                yield Lost(act, trained)


def _fresh(model: Object) -> bool:
    """Whether the adapter was made by the source, with weights that are read from nowhere."""
    return model.made is not None and model.made.kind == WRAPPED and not model.made.adapter


def _meant(act: Act, names: Names) -> bool:
    """Whether the adapter as it starts is what was to be saved: it is called so, or read again at once."""
    given = next((it for it in act.arguments if it.name == "save_directory"), None)
    if given is None:
        return True
    path = literal(given.values) or names.cell(given.site).masked[given.site.start : given.site.end]
    return bool(_FIRST.search(path)) or bool(act.where.turns)


def _trained_only_after(act: Act, model: Object, names: Names) -> Site | None:
    history = names.history
    if history.doubt(model):
        return None
    after = history.since(act, model, TRAINED)
    first = next((it for it in after if history.before(act, it) and _by_hand(it)), None)
    if first is None or any(history.until(act, model, TRAINED, FILLED, LOADED)) or history.chosen(model, _kept_alone):
        return None
    for it in history.since(first, model, SAVED, MERGED, READ):
        kept = it.kind != READ or it.detail.endswith("state_dict")
        if kept and it.act is not act:
            return None
    loads = [it for it in names.acts(WRAPPED, LOADED) if it.adapter]
    if any(history.before(act, it) and history.before(it, first) for it in loads):
        return None
    return first.site


def _kept_alone(it: Event) -> bool:
    """Whether the model goes, in a function that nothing calls, to where it is not followed."""
    return it.kind in ("kept", "returned") and it.where.alone


def _by_hand(trained: Event) -> bool:
    """Whether nothing but the source itself can save what is learnt: a Trainer writes checkpoints of its own."""
    return trained.detail.endswith(".backward")


def patched(names: Names) -> Iterator[Lost]:
    """The saves of a PeftModel whose `state_dict` was replaced by one that has the adapter's name cut out already."""
    history = names.history
    for act in names.acts(SAVED):
        if act.call not in _ADAPTER and act.call not in _WHOLE:
            continue
        models = [it for it in act.subject if isinstance(it, Object) and it.is_a(PEFT_MODEL)]
        if len(models) != 1 or act.argument("state_dict") is not None:
            continue
        told = [it for it in history.own(models[0], "assigned") if it.detail == "state_dict"]
        last = [it for it in told if history.before(it, act)][-1:]
        if last and last[0].sure and history.always_before(last[0], act) and _cuts(last[0].site, names):
            yield Lost(act, last[0].site)


def assignment(site: Site, names: Names) -> SgNode | None:
    """The assignment whose left side stands there."""
    for node in names.cell(site).root().find_all(kind="assignment"):
        left = node.field("left")
        if left is not None and (left.range().start.index, left.range().end.index) == (site.start, site.end):
            return node
    return None


def _cuts(site: Site, names: Names) -> bool:
    node = assignment(site, names)
    right = node.field("right") if node is not None else None
    return right is not None and "get_peft_model_state_dict(" in right.text()
