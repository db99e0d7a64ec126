"""State dicts: which call they were read by, from which file, and what an expression is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.histories.outcomes import is_read
from adapterlint.knowledge.training import STATE
from adapterlint.names.objects import Object, Site, Text

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.names import Names
    from adapterlint.names.acts import Act, Argument

_SCOPES = frozenset({"function_definition", "module"})
_DEEPEST = 4


def states(act: Act, name: str, names: Names) -> tuple[list[Object], bool]:
    """The state dicts that an argument is made of, and whether it is surely one of them as it was read."""
    given = act.argument(name)
    if given is None:
        return [], False
    plain = [it for it in given.values if isinstance(it, Object) and it.is_a(STATE)]
    if plain and len(plain) == len(given.values):
        return plain, True
    found = dict.fromkeys(plain)
    for node in traced(_node(act, given)):
        if node.kind() in ("call", "identifier"):
            span = node.range()
            values = names.at(Site(act.site.cell, span.start.index, span.end.index))
            found |= {it: None for it in values if isinstance(it, Object) and it.is_a(STATE)}
    return list(found), False


def files(act: Act, name: str) -> set[str]:
    """The texts that an argument may be, or else those that are written in what it is made of."""
    given = act.argument(name)
    if given is None:
        return set()
    known = {it.value for it in given.values if isinstance(it, Text)}
    if known and len(known) == len(given.values):
        return known
    return known | {it.text().strip("\"'") for it in traced(_node(act, given)) if it.kind() == "string_content"}


def _node(act: Act, argument: Argument) -> SgNode | None:
    """The argument as written."""
    listed = act.node.field("arguments") if act.node is not None else None
    for it in listed.named_children() if listed is not None else ():
        value = it.field("value") if it.kind() == "keyword_argument" else it
        if value is not None and value.range().start.index == argument.site.start:
            return value
    return None


def traced(node: SgNode | None, depth: int = _DEEPEST) -> Iterator[SgNode]:
    """The nodes of an expression, and of what the names in it are given in the same function or script."""
    waiting = [node] if node is not None else []
    while waiting:
        it = waiting.pop()
        yield it
        waiting += it.named_children()
        if it.kind() == "identifier" and depth and is_read(it):
            for value in _given(it):
                if node is None or not _within(node, value):
                    yield from traced(value, depth - 1)


def _within(node: SgNode, value: SgNode) -> bool:
    return value.range().start.index <= node.range().start.index and node.range().end.index <= value.range().end.index


def _given(name: SgNode) -> list[SgNode]:
    """The right sides of the assignments to the name, in the nearest function that has any."""
    scope = name.parent()
    while scope is not None:
        if scope.kind() in _SCOPES:
            found = [it for it in scope.find_all(kind="assignment") if _scope_of(it) == scope.range()]
            values = [it.field("right") for it in found if (left := it.field("left")) and left.text() == name.text()]
            if values:
                return [it for it in values if it is not None]
        scope = scope.parent()
    return []


def _scope_of(node: SgNode) -> object:
    outer = node.parent()
    while outer is not None and outer.kind() not in _SCOPES:
        outer = outer.parent()
    return outer.range() if outer is not None else None
