"""Models that are measured or kept as the untouched base though layers were put into them in place before."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from adapterlint.histories import labels
from adapterlint.histories.layers import differs, is_prompt, surely
from adapterlint.knowledge.effects import DELETED, DISABLED, EVALUATED, MERGED, OPTIMIZED, TRAINED, UNLOADED, WRAPPED
from adapterlint.knowledge.models import PEFT_MODEL, SENTENCE_TRANSFORMER
from adapterlint.names.objects import Function, Object, is_none

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.names import Names
    from adapterlint.names.acts import Act, Event
    from adapterlint.names.objects import Site
    from adapterlint.names.where import Where

_BLOCK = "peft.PeftModel.disable_adapter"
_LONGEST_KEY = 200  # characters before a value in which its key is looked for
_KEY = re.compile(r"""["']([^"'\n]*)["']\s*[:,]\s*$""")


class Measured(NamedTuple):
    """One such place: `wrap` put the layers in, `done` is what is done with the model, called `name` there.

    `said` tells that the source calls it the base; else it is only measured beside the wrapped model. `use` is the
    call itself, where `site` is the one further out that speaks of the base.
    """

    site: Site
    use: Site
    node: SgNode | None
    where: Where
    wrap: Act
    name: str
    done: str
    said: bool
    merged: bool


def measured(names: Names, *kinds: str) -> Iterator[Measured]:
    """The runs of a changed base whose results are the base's by their names, and references of a trainer."""
    runs = _runs(names, kinds)
    for act in names.acts(*kinds):
        value = _only(act.subject)
        wrap = _changed(value, act, names) if value is not None else None
        if value is None or wrap is None or act.node is None:
            continue
        calls = [act.node, *(it for it in reversed(act.where.calls) if it is not None)]
        speaks = next((it for it in calls if labels.target(it)), None)
        said = labels.target(speaks) if speaks is not None else 0
        called = [_name(it, value, act, names) for it in calls]
        merged = _merged(value, wrap, act, names)
        if merged is not None and any(_bound_since(it, merged, act, value, names) for it in called if it):
            continue
        named = any(labels.says(it) > 0 for it in called)
        if said < 0 or (wrap.adapter and not named and _trained_later(value, act, names)):
            continue
        if said > 0 or not runs.isdisjoint(_known_by(act, value, names)):  # the model around it is run alike
            outer = (
                calls.index(speaks) if speaks is not None else max((n for n, it in enumerate(called) if it), default=0)
            )
            if said == 0 and named:
                outer = next(n for n, it in enumerate(called) if labels.says(it) > 0)
            site = (names.found(calls[outer]) if outer else None) or act.site
            name = next((it for it in called[outer:] if it), "")
            done = "measured" if act.kind == EVALUATED else "run"
            node, sure = calls[outer], said > 0 or named
            yield Measured(site, act.site, node, act.where, wrap, name, done, sure, merged is not None)
    for act in names.acts():
        given = act.argument("ref_model") if act.call.startswith("trl.") else None
        value = _only(given.values) if given is not None else None
        wrap = _changed(value, act, names, trained=True) if value is not None else None
        if given is not None and wrap is not None:
            name = _written(given.site, names)
            yield Measured(given.site, given.site, None, act.where, wrap, name, "kept", True, False)


def kept_as_base(names: Names) -> Iterator[Measured]:
    """The elements of a dictionary or of pairs that are called the base and share their weights with another one."""
    for base in names.objects():
        own = () if base.is_a(PEFT_MODEL) else names.history.own(base, "kept")
        kept = [it for it in names.history.events(base, "kept") if it.detail.startswith("a ")] if own else []
        for it in (it for it in own if it.detail.startswith("a ") and _label(it, names) > 0):
            near = [other for other in kept if other.site != it.site and _near(it, other)]
            others = [other for other in near if _label(other, names) <= 0]
            uses = [use for use in names.history.own(base, "used", "evaluated") if use.act is not None]
            use = next((use for use in uses if names.history.before(it, use)), None)
            wrap = _changed(base, use.act, names) if others and use is not None and use.act is not None else None
            if wrap is not None and use is not None:
                name = _written(it.site, names)
                yield Measured(it.site, use.site, None, it.where, wrap, name, "kept", True, False)


def _written(site: Site, names: Names) -> str:
    return names.cell(site).masked[site.start : site.end]


def _label(kept: Event, names: Names) -> int:
    before = names.cell(kept.site).text[max(0, kept.site.start - _LONGEST_KEY) : kept.site.start]
    found = _KEY.search(before)
    return labels.says(found[1]) if found is not None else 0


def _near(one: Event, other: Event) -> bool:
    return one.site.cell == other.site.cell and one.where == other.where


def _only(values: Iterable[object]) -> Object | None:
    """The one model that the values can be, if it is no PeftModel."""
    found = [it for it in values if not is_none(it)]  # type: ignore[arg-type]
    it = found[0] if len(found) == 1 else None
    return it if isinstance(it, Object) and not it.is_a(PEFT_MODEL) else None


def _changed(value: Object, at: Act, names: Names, *, trained: bool = False) -> Act | None:
    """The wrap whose layers are surely in the object and at work at that moment, by themselves or merged."""
    history = names.history
    if history.doubt(value, before=at) or list(history.around(at, _BLOCK)):
        return None
    managed = any(isinstance(it, Function) for context in at.where.contexts for it in context.callee)
    if managed and history.events(value, DISABLED):
        return None  # a context manager of the source's own may switch it off
    if any(history.before(it, at) is not False for it in history.chosen(value, _takes_away)):
        return None
    for it in history.until(at, value, WRAPPED):
        act = it.act
        if act is None or act is at or not it.sure or it.again or not surely(history, it, at):
            continue
        whole = [each for each in act.subject if isinstance(each, Object) and each.is_a(SENTENCE_TRANSFORMER)]
        if not act.call.startswith("peft.") or (act.adapter and whole) or is_prompt(act, names):
            continue  # an adapter around a whole SentenceTransformer loads nothing: another rule's
        if trained or differs(act, at, value, history):
            return act
    return None


def _takes_away(it: Event) -> bool:
    """Whether the layers are gone or idle afterwards, not only in a block."""
    return it.kind in (UNLOADED, DELETED, DISABLED) and it.act is not None and it.act.call != _BLOCK


def _merged(value: Object, wrap: Act, at: Act, names: Names) -> Event | None:
    """The merge between the wrap and that moment."""
    merges = names.history.between(wrap, value, at, MERGED)
    return next((it for it in merges if names.history.before(wrap, it) and names.history.before(it, at)), None)


def _bound_since(name: str, merged: Event, at: Act, value: Object, names: Names) -> bool:
    """Whether the name was given to what the merge gave back, so that it means the merged model."""
    last = name.rpartition(".")[2]
    bound = [it.order for it in names.history.own(value, "bound") if it.detail == last and it.order < at.order]
    return not bound or bound[-1] > merged.order


def _trained_later(value: Object, act: Act, names: Names) -> bool:
    """Whether the adapter is trained on, so that what is measured may be where that training starts."""
    return any(names.history.before(act, it) for it in names.history.since(act, value, TRAINED, OPTIMIZED))


def _runs(names: Names, kinds: tuple[str, ...]) -> set[object]:
    """What the runs of PeftModels are known by: kind and first of the family with the site, or with what is alike."""
    found: set[object] = set()
    for act in names.acts(*kinds):
        for it in act.subject:
            if isinstance(it, Object) and it.is_a(PEFT_MODEL):
                found.update(_known_by(act, it, names))
    return found


def _known_by(act: Act, value: Object, names: Names) -> tuple[object, object]:
    first = names.history.family(value)[0]
    return (act.kind, first, act.site), (act.kind, first, act.call.rpartition(".")[2], act.where.functions)


def _name(call: SgNode, value: Object, act: Act, names: Names) -> str:
    """What the model is called in the call: its receiver, or the argument that holds it."""
    if act.node is not None and _same(call, act.node) and not act.call.endswith("Evaluator.__call__"):
        return labels.receiver(call)
    listed = call.field("arguments")
    for it in listed.named_children() if listed is not None else ():
        given = it.field("value") if it.kind() == "keyword_argument" else it
        if given is not None and given.kind() in ("identifier", "attribute") and names.holds(given, value):
            return given.text()
    return ""


def _same(one: SgNode, other: SgNode) -> bool:
    a, b = one.range(), other.range()
    return (a.start.index, a.end.index) == (b.start.index, b.end.index)
