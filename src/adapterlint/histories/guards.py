"""What stands around a load in case it fails: a `try`, a `suppress`, or a test whether the folder is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from adapterlint.names.objects import Site

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.names import Names
    from adapterlint.names.acts import Act

OWN_SCOPE = frozenset({"function_definition", "class_definition", "lambda"})
_OUTSIDE = OWN_SCOPE | {"module"}  # of the root, siblings are not defined
_STOPS = frozenset({"raise_statement", "continue_statement", "break_statement"})
_EXITS = re.compile(r"^(sys\.exit|os\._exit|os\.abort|exit|quit|pytest\.\w+|self\.fail\w*|parser\.error)$")
_BROAD = re.compile(r"^except\s*(:|\(?[\w\s,.]*\b(Exception|BaseException)\b)")
_SUPPRESSES = re.compile(r"^(?:contextlib\.)?suppress\((?:[\w\s,.]*\b)?(?:Exception|BaseException)\b")
_LOOKS = re.compile(r"\b(?:exists|isdir|isfile|is_dir|is_file)\s*\(")
_SEVERAL = frozenset({"expression_list", "tuple", "pattern_list", "tuple_pattern"})


class Guard(NamedTuple):
    """One of them: the load, the call in the guarded body that leads to it, and what is run if it fails.

    `kind` is "except", "suppress" or "exists"; `handler` is None where nothing is run; `site` are the words that
    open it; `depth` counts the functions between the call and the load.
    """

    kind: str
    load: Act
    call: SgNode
    statement: SgNode
    body: SgNode
    handler: SgNode | None
    site: Site
    depth: int


def guards(act: Act, names: Names) -> Iterator[Guard]:
    """What catches or goes round a failure of the load, innermost first: here, then around the calls that lead here."""
    cell = act.site.cell
    for depth, call in enumerate([act.node, *reversed(act.where.calls)]):
        if call is None:
            return
        if depth:
            found = names.found(call)
            if found is None:
                return
            cell = found.cell
        for guard in _around(act, call, cell, depth, names):
            yield guard
            if guard.kind != "exists":  # nothing gets out of it
                return
        if any(_raised_again(it) for it in _tries(call)):
            return


def _around(act: Act, call: SgNode, cell: int, depth: int, names: Names) -> Iterator[Guard]:
    for statement, body in _bodies(call):
        if statement.kind() == "try_statement":
            for clause in (it for it in statement.named_children() if it.kind() == "except_clause"):
                handler = block(clause)
                if _BROAD.match(clause.text()) and handler is not None and not raises(handler):
                    site = _words(clause, handler, cell, names)
                    yield Guard("except", act, call, statement, body, handler, site, depth)
                    return
        elif statement.kind() == "with_statement" and (items := _suppressing(statement)) is not None:
            span = items.range()
            site = Site(cell, span.start.index, span.end.index)
            yield Guard("suppress", act, call, statement, body, None, site, depth)
            return
        elif statement.kind() == "if_statement" and not depth and _looks(statement):
            other = [it for it in statement.named_children() if it.kind() in ("elif_clause", "else_clause")]
            if len(other) < 2 and not any(it.kind() == "elif_clause" for it in other):
                handler = block(other[0]) if other else None
                yield Guard("exists", act, call, statement, body, handler, _words(statement, body, cell, names), depth)


def _bodies(node: SgNode) -> Iterator[tuple[SgNode, SgNode]]:
    """The statements of the same function whose first block the node is in, innermost first."""
    inner = node
    while (outer := inner.parent()) is not None and inner.kind() not in OWN_SCOPE:
        body = outer.field("consequence") if outer.kind() == "if_statement" else outer.field("body")
        if body is not None and body.range() == inner.range():
            yield outer, body
        inner = outer


def _tries(node: SgNode) -> Iterator[SgNode]:
    return (it for it, _ in _bodies(node) if it.kind() == "try_statement")


def _raised_again(statement: SgNode) -> bool:
    """Whether a broad clause raises: what comes out of it is meant to be seen."""
    clauses = [it for it in statement.named_children() if it.kind() == "except_clause"]
    return any(_BROAD.match(it.text()) and raises(it) for it in clauses)


def _suppressing(statement: SgNode) -> SgNode | None:
    clause = next((it for it in statement.named_children() if it.kind() == "with_clause"), None)
    items = [it for it in clause.named_children() if _SUPPRESSES.match(it.text())] if clause is not None else []
    return clause if items else None


def _looks(statement: SgNode) -> bool:
    condition = statement.field("condition")
    return condition is not None and condition.kind() != "not_operator" and bool(_LOOKS.search(condition.text()))


def _words(clause: SgNode, inner: SgNode, cell: int, names: Names) -> Site:
    """The words that open the clause, such as `except …:`."""
    start = clause.range().start.index
    text = names.cell(Site(cell, start, start)).masked[start : inner.range().start.index]
    return Site(cell, start, start + len(text.split(":\n")[0].split(":\r")[0].rstrip(" :#\n\r\t")))


def block(clause: SgNode) -> SgNode | None:
    """The block of a clause."""
    return next((it for it in clause.named_children() if it.kind() == "block"), None)


def inside(node: SgNode) -> Iterator[SgNode]:
    """The node and all below it in document order, but not the bodies of functions and classes defined there."""
    waiting = [node]
    while waiting:
        it = waiting.pop()
        yield it
        waiting += [child for child in reversed(it.named_children()) if child.kind() not in OWN_SCOPE]


def statements(node: SgNode | None) -> list[SgNode]:
    """The statements of a block."""
    return [it for it in node.named_children() if it.kind() != "comment"] if node is not None else []


def raises(node: SgNode) -> bool:
    """Whether anything is raised in it."""
    return any(it.kind() == "raise_statement" for it in inside(node))


def stops(handler: SgNode) -> bool:
    """Whether it may raise anywhere, or its last statement leaves the loop or the program."""
    if raises(handler):
        return True
    last = statements(handler)[-1] if statements(handler) else None
    if last is None or last.kind() in _STOPS:
        return last is not None
    inner = last.named_children()
    function = inner[0].field("function") if inner and inner[0].kind() == "call" else None
    return function is not None and bool(_EXITS.match(function.text()))


def bindings(node: SgNode | None) -> Iterator[tuple[str, SgNode]]:
    """The names assigned to in the node, each with its value; `a, b = c, d` is two."""
    for it in inside(node) if node is not None else ():
        left, right = it.field("left"), it.field("right")
        if it.kind() == "assignment" and left is not None and right is not None:
            yield from _pairs(left, right)


def _pairs(left: SgNode, right: SgNode) -> Iterator[tuple[str, SgNode]]:
    several = left.kind() in _SEVERAL and right.kind() in _SEVERAL
    lefts, rights = left.named_children(), right.named_children()
    if several and len(lefts) == len(rights):
        for one, other in zip(lefts, rights, strict=True):
            yield from _pairs(one, other)
    else:
        yield left.text(), right


def parts(value: SgNode) -> list[SgNode]:
    """The elements of what is written with commas."""
    return value.named_children() if value.kind() in _SEVERAL else [value]


def returns(node: SgNode) -> list[SgNode | None]:
    """What is returned in the node, None where nothing is written behind `return`."""
    found = [it for it in inside(node) if it.kind() == "return_statement"]
    return [next(iter(it.named_children()), None) for it in found]


def after(statement: SgNode) -> Iterator[SgNode]:
    """The statements that follow in its block, and in the blocks around it, up to the function."""
    node: SgNode | None = statement
    while node is not None and node.kind() not in _OUTSIDE:
        yield from node.next_all()
        node = node.parent()


def bound_before(name: str, statement: SgNode) -> bool:
    """Whether the name is given something earlier in the same function, or is one of its parameters."""
    node: SgNode | None = statement
    while node is not None and node.kind() not in _OUTSIDE:
        if any(bound == name for it in node.prev_all() for bound, _ in bindings(it)):
            return True
        node = node.parent()
    listed = node.field("parameters") if node is not None else None
    return listed is not None and re.search(rf"(?<![\w.=]){re.escape(name)}(?!\w)", listed.text()) is not None


def looped(statement: SgNode) -> SgNode | None:
    """The innermost loop around the statement in the same function."""
    node = statement.parent()
    while node is not None and node.kind() not in OWN_SCOPE:
        if node.kind() in ("for_statement", "while_statement"):
            return node
        node = node.parent()
    return None
