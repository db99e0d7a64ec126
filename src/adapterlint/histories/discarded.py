"""Methods whose result is the model, called as a statement: what becomes of the object that they leave behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from adapterlint.model import Applicability, Fix
from adapterlint.names.objects import Object

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.names import Names
    from adapterlint.names.acts import Act, Event


class Discarded(NamedTuple):
    """One such statement: the call, the object as written, and the first thing of a kind that is later done to it."""

    act: Act
    owner: str
    later: Event | None


def discarded(names: Names, call: str, *kinds: str) -> Iterator[Discarded]:
    """The places where `call` is a statement, each once, with the first later event of the kinds on the same object."""
    found: dict[object, Discarded] = {}
    for act in names.calls(call):
        if not act.dropped or not act.subject or not all(isinstance(it, Object) for it in act.subject):
            continue
        events = [it for owner in act.subject if isinstance(owner, Object) for it in owner.events if it.kind in kinds]
        later = [it for it in events if it.sure and it.site != act.site and names.history.before(act, it)]
        first = min(later, key=lambda it: it.order, default=None)
        known = found.get(act.site)
        if known is None or (known.later is None and first is not None):
            found[act.site] = Discarded(act, _owner(act.node), first)
    yield from found.values()


def _owner(call: SgNode | None) -> str:
    function = call.field("function") if call is not None else None
    owner = function.field("object") if function is not None else None
    return owner.text() if owner is not None else ""


def can_be_bound(it: Discarded) -> bool:
    """Whether `owner = ` before the statement binds the very name that is read later on.

    The name of a global, assigned inside a function, would be another one, and so would the name of a parameter where
    the caller goes on with its own.
    """
    if not re.fullmatch(r"\w+(\.\w+)*", it.owner):
        return False
    if "." not in it.owner and it.later is not None and it.later.where.functions != it.act.where.functions:
        return False
    node = it.act.node.parent() if it.act.node is not None else None
    while node is not None and node.kind() != "function_definition":
        node = node.parent()
    if node is None or "." in it.owner:
        return True
    parameters, body = node.field("parameters"), node.field("body")
    here = re.compile(rf"(?<![\w.]){it.owner}\s*(:[^=\n]+)?=(?!=)")
    given = parameters is not None and re.search(rf"(?<![\w.]){it.owner}(?!\w)", parameters.text()) is not None
    return given or (body is not None and here.search(body.text()) is not None)


def binding(it: Discarded, names: Names, title: str, note: str) -> Fix | None:
    """The fix that binds the result to the owner's own name, None where that is not the name read later."""
    if not can_be_bound(it):
        return None
    before = it.act.site._replace(end=it.act.site.start)
    return Fix(title, Applicability.unsafe, (names.edit(before, f"{it.owner} = "),), note)
