"""Wraps that come to nothing: neither what comes back nor what was wrapped is used, and another model is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, takewhile
from typing import TYPE_CHECKING, NamedTuple

from adapterlint.knowledge.effects import COPIED, EVALUATED, MODE, MOVED, PREPARED, TRAINED, USED, WRAPPED
from adapterlint.knowledge.models import PEFT_MODEL, PROMPT_CONFIGS, SENTENCE_TRANSFORMER
from adapterlint.names.objects import Object

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.names import Names
    from adapterlint.names.acts import Act, Event
    from adapterlint.names.objects import Site

_IDLE = frozenset({MODE, MOVED, PREPARED, WRAPPED})
_IDLE_MEMBERS = frozenset(
    {"eval", "train", "to", "cuda", "cpu", "half", "float", "bfloat16", "requires_grad_", "print_trainable_parameters",
     "device", "dtype", "config", "gradient_checkpointing_enable", "enable_input_require_grads"}
)  # fmt: skip


class Unused(NamedTuple):
    """One such wrap, where it is lost, and the run of another model; None where a soft prompt is dropped."""

    act: Act
    site: Site
    instead: Act | None


def unused(names: Names) -> Iterator[Unused]:
    """The wraps of which every time that the run comes through them comes to nothing, each once."""
    found: dict[object, Unused | None] = {}
    for act in names.acts(WRAPPED):
        if act.call.startswith("peft.") and "inject" not in act.call:
            told = _told(act, names)
            found[act.site] = told if found.get(act.site, told) is not None else None
    yield from (it for it in found.values() if it is not None)


def _told(act: Act, names: Names) -> Unused | None:
    results = [it for it in act.results if isinstance(it, Object)]
    if len(results) != len(act.results) or not results:
        return None
    if _soft(act):
        own = [it for it in act.subject if isinstance(it, Object)]
        later = (it for base in own for it in takewhile(lambda it: it.order > act.order, reversed(base.events)))
        goes_on = any(it.kind not in ("passed", WRAPPED) for it in later)
        lost = act.dropped or not any(it.events for it in results)
        plain = len(own) == 1 and not own[0].is_a(PEFT_MODEL)
        return Unused(act, act.site, None) if lost and goes_on and plain and not _tried(act.node) else None
    if act.adapter and any(isinstance(it, Object) and it.is_a(SENTENCE_TRANSFORMER) for it in act.subject):
        return None  # it loads nothing anyhow, which another rule says
    busy = [it for each in results for it in islice(_busy(act, each, names), 1)]
    if busy or _tried(act.node):
        return None
    family = {member for it in results for member in names.history.family(it)}
    if any(it.foreign for it in family):
        return None
    thrown = sorted((it for each in results for it in _thrown(act, each, names)), key=lambda it: it.order)
    other = next((it for it in _others(act, family, names)), None)
    return Unused(act, thrown[-1].site if thrown else act.site, other) if other is not None else None


def _busy(act: Act, result: Object, names: Names) -> Iterator[Event]:
    """What is done with the model or with those that share its weights, but for what leaves them unused."""
    for it in names.history.since(act, result):
        dropped = it.kind == "stored" and any(it.order < each.order for each in _thrown(act, result, names))
        if not dropped and not _idle(it, names):
            yield it


def _thrown(act: Act, result: Object, names: Names) -> list[Event]:
    """When it is bound to a name that is for what is not needed."""
    return [it for it in names.history.since(act, result, "bound") if not it.detail.strip("_")]


def _soft(act: Act) -> bool:
    """Whether what is put around the model is surely a soft prompt."""
    given = act.argument("peft_config")
    values = given.values if given is not None else ()
    return bool(values) and all(isinstance(it, Object) and PROMPT_CONFIGS & set(it.classes) for it in values)


def _tried(node: SgNode | None) -> bool:
    """Whether the call stands in a class, where its name is an attribute, or where it is only tried."""
    inner = node
    while inner is not None and inner.kind() != "function_definition":
        kind = inner.kind()
        if kind in ("class_definition", "try_statement") or (kind == "with_statement" and "raises" in inner.text()):
            return True
        inner = inner.parent()
    return False


def _idle(event: Event, names: Names) -> bool:
    """Whether the event leaves the model unused: it is named, moved, or put into a mode."""
    if event.kind == "member":
        return event.detail in _IDLE_MEMBERS
    if event.kind == "bound":
        text = names.cell(event.site).masked[event.site.start : event.site.end]
        return text.isidentifier() and not _outer(text, event, names)
    return event.kind in _IDLE


def _outer(name: str, event: Event, names: Names) -> bool:
    """Whether the name may be read where it is not seen: a function says it is global."""
    return name in _outer_names(names.cell(event.site).masked)


@lru_cache(maxsize=8)
def _outer_names(text: str) -> frozenset[str]:
    lines = re.findall(r"\b(?:global|nonlocal)\b([^\n]*)", text)
    return frozenset(word for line in lines for word in re.findall(r"\w+", line))


def _others(act: Act, family: set[Object], names: Names) -> Iterator[Act]:
    """Later runs of a model of the same make without any adapter; trainings only, if the adapter is a fresh one."""
    kinds = (USED, EVALUATED, TRAINED) if act.adapter else (TRAINED,)
    bases = [it for it in family if not it.is_a(PEFT_MODEL)]
    for other in names.acts(*kinds):
        if not names.history.before(act, other) or (other.where.alone and not act.where.functions):
            continue
        for value in (it for it in other.subject if isinstance(it, Object) and it not in family):
            plain = not any(it.is_a(PEFT_MODEL) for it in names.history.family(value))
            if plain and not names.history.doubt(value) and any(_kin(value, base, names) for base in bases):
                yield other


def _kin(one: Object, base: Object, names: Names) -> bool:
    """Whether both were loaded by calls that read alike, or one is a copy of the other."""
    if one.made is None or base.made is None:
        return False
    if COPIED in (one.made.kind, base.made.kind):
        return one in base.made.subject or base in one.made.subject
    same = [names.cell(it.made.site).masked[it.made.site.start : it.made.site.end] for it in (one, base) if it.made]
    return same[0] == same[1] and bool(one.made.base)
