"""Rewriting a call that makes a wrapper into one that changes its object in place, layout and comments kept.

`x = f(wrap(base, a))` becomes `base.load(a)` and `x = f(base)`: the call is hoisted before its statement and the
object takes its place. Only where that keeps the order of evaluation.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from adapterlint.model import Edit, Span

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.artifacts.source import Cell

_THROUGH = frozenset({"assignment", "call", "argument_list", "attribute", "keyword_argument",
                      "parenthesized_expression", "await"})  # fmt: skip
_STATEMENTS = frozenset({"expression_statement", "return_statement"})


class Hoist(NamedTuple):
    """A call in a simple statement, and the expression of the object it wraps.

    `base` is how the object is called after the rewrite; `first` is the statement that gives it that name, or "".
    """

    statement: SgNode
    call: SgNode
    subject: SgNode
    base: str
    first: str


def hoist(call: SgNode, subject: SgNode) -> Hoist | None:
    """How the call can be hoisted, or None: inside a condition, a comprehension, a `with`, or after other calls."""
    node, statement = call, call.parent()
    while statement is not None and statement.kind() in _THROUGH:
        if statement.kind() == "argument_list" and not _first(statement, node):
            return None
        if statement.kind() == "call" and node.kind() == "argument_list" and not _plain_callee(statement):
            return None
        node, statement = statement, statement.parent()
    if statement is None or statement.kind() not in _STATEMENTS or _ERROR.search(statement.text()):
        return None
    inner = _bare(subject)
    if _is_name(inner):
        return Hoist(statement, call, subject, inner.text(), "")
    if subject.kind() != "call" or ("\n" in subject.text() and "#" in subject.text()):
        return None
    base = _target(statement, call) or _fresh(statement)
    return Hoist(statement, call, subject, base, f"{base} = {subject.text()}")


def _plain_callee(call: SgNode) -> bool:
    """Whether what is called is a name, so that nothing is run before its arguments are."""
    function = call.field("function")
    return function is not None and _is_name(function)


_ERROR = re.compile(r"\byield\b")


def _first(arguments: SgNode, node: SgNode) -> bool:
    """Whether nothing that could matter is evaluated before the node in its argument list."""
    for it in arguments.named_children():
        if _same(it, node):
            return True
        if it.kind() not in ("identifier", "string", "integer", "comment"):
            return False
    return True


def _same(one: SgNode, other: SgNode) -> bool:
    a, b = one.range(), other.range()
    return (a.start.index, a.end.index) == (b.start.index, b.end.index)


def _bare(node: SgNode) -> SgNode:
    """The expression without parentheses around it."""
    inner = node.named_children()
    while node.kind() == "parenthesized_expression" and len(inner) == 1:
        node, inner = inner[0], inner[0].named_children()
    return node


def _is_name(node: SgNode) -> bool:
    if node.kind() == "identifier":
        return True
    owner, index = node.field("object") or node.field("value"), node.field("subscript")
    if node.kind() not in ("attribute", "subscript") or owner is None or not _is_name(owner):
        return False
    return index is None or index.kind() in ("identifier", "string", "integer")


def _target(statement: SgNode, call: SgNode) -> str | None:
    """The name the statement binds, if it is a plain one that the call's own arguments do not read.

    Not in a `try`: where the load fails there, the name would be left bound to a base that no adapter is in.
    """
    if _inside_try(statement):
        return None
    inner = statement.named_children()
    if not inner or inner[0].kind() != "assignment":
        return None
    left = inner[0].field("left")
    if left is None or left.kind() != "identifier" or re.search(rf"\b{re.escape(left.text())}\b", call.text()):
        return None
    return left.text()


def _inside_try(statement: SgNode) -> bool:
    return any(it.kind() in ("try_statement", "with_statement") for it in statement.ancestors())


def _fresh(statement: SgNode) -> str:
    root = statement
    while (parent := root.parent()) is not None:
        root = parent
    taken = root.text()
    names = ("base_model", *(f"base_model_{number}" for number in range(2, 100)))
    return next(name for name in names if not re.search(rf"\b{name}\b", taken))


def arguments(call: SgNode) -> list[SgNode]:
    """The arguments of a call, comments left out."""
    listed = call.field("arguments")
    return [it for it in listed.named_children() if it.kind() != "comment"] if listed is not None else []


def without_subject(hoisted: Hoist, function: str, renamed: dict[str, str]) -> str:
    """The call as `function` of its other arguments, keywords renamed, every other character kept."""
    start = hoisted.call.range().start.index
    text = hoisted.call.text()
    cuts: list[tuple[int, int, str]] = []
    callee = hoisted.call.field("function")
    given = arguments(hoisted.call)
    if callee is not None:
        cuts.append((0, callee.range().end.index - start, function))
    for number, it in enumerate(given):
        begin, end = it.range().start.index - start, it.range().end.index - start
        if begin <= hoisted.subject.range().start.index - start < end:
            before = given[number - 1].range().end.index - start if number else begin
            last = number + 1 == len(given)
            if last and re.fullmatch(r"\s*,\s*", text[before:begin]):
                begin = before
            cuts.append((begin, end if last else _comma(text, end), ""))
        else:
            name = it.field("name") if it.kind() == "keyword_argument" else None
            if name is not None and name.text() in renamed:
                cuts.append((begin, name.range().end.index - start, renamed[name.text()]))
    return _cut(text, cuts)


def _comma(text: str, end: int) -> int:
    """The end of the comma after an argument, with the blanks behind it that stand on the same line."""
    found = re.compile(r"\s*,[ \t]*").match(text, end)
    return found.end() if found else end


def with_subject(hoisted: Hoist, subject: str) -> str:
    """The call with another object as its subject, every other character kept."""
    start = hoisted.call.range().start.index
    span = hoisted.subject.range()
    return _cut(hoisted.call.text(), [(span.start.index - start, span.end.index - start, subject)])


def _cut(text: str, cuts: list[tuple[int, int, str]]) -> str:
    for begin, end, content in sorted(cuts, reverse=True):
        text = text[:begin] + content + text[end:]
    return text


def edit(hoisted: Hoist, cell: Cell, path: str, changed: str) -> Edit:
    """The statement as `first`, `changed` and what is left of it once the object stands where the call stood."""
    span = hoisted.statement.range()
    begin, end = span.start.index, span.end.index
    call = hoisted.call.range()
    rest = cell.text[begin : call.start.index] + hoisted.base + cell.text[call.end.index : end]
    parts = [part for part in (hoisted.first, changed, rest) if part and not _says_nothing(part, hoisted.base)]
    line = cell.text.rfind("\n", 0, begin) + 1
    indent = cell.text[line:begin]
    newline = "\r\n" if "\r\n" in cell.text else "\n"
    separator = newline + indent if not indent.strip() else "; "
    return Edit(path, cell.index, Span(begin, end), separator.join(parts))


def _says_nothing(part: str, base: str) -> bool:
    return part.strip() == base or bool(re.fullmatch(rf"\s*{re.escape(base)}\s*=\s*{re.escape(base)}\s*", part))
