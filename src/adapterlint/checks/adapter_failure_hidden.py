"""Weighing the match of rules/adapter-failure-hidden.yml: what is loaded, and what is put in its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.knowledge.calls import AUTO_PEFT_CLASSES, METHODS, PEFT_CLASSES, PEFT_MODEL
from adapterlint.model import Refinement, Span
from adapterlint.names import Object
from adapterlint.names.objects import Constant, is_none

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.artifacts.source import Cell, Source
    from adapterlint.model import Match
    from adapterlint.names import Names

_LOADS = frozenset(
    [f"{name}.from_pretrained" for name in (*PEFT_CLASSES, *AUTO_PEFT_CLASSES)]
    + [name for name, call in METHODS.items() if call.adapter is not None]
)
_STOPS = frozenset({"raise_statement", "continue_statement", "break_statement"})
_EXITS = re.compile(r"^(sys\.exit|os\._exit|exit|quit|pytest\.\w+|self\.fail\w*)$")
_BROAD = re.compile(r"^except\s*(:|\(?[\w\s,.]*\b(Exception|BaseException)\b)")
_OWN_SCOPE = frozenset({"function_definition", "class_definition", "lambda"})


def refine(match: Match, source: Source, names: Names) -> Refinement | None:
    """Keep the match only where the load in the `try` is an adapter's and the handler goes on with another model."""
    tried = match.node.parent()
    body = tried.field("body") if tried is not None else None
    if body is None:
        return None
    loads = [call for call in _calls(body) if _is_load(call, match, names)]
    handler = _block(match.node)
    if not loads or handler is None or _stops(handler):
        return None
    other = _fallback(handler, body, loads, match, names)
    if other is None:
        return None
    cell = next(cell for cell in source.cells if cell.index == match.cell)
    function = loads[0].field("function")
    called = function.text() if function is not None else "the load"
    line = source.place(cell, _span(loads[0])).line
    message = f"if {called} (line {line}) fails, this except goes on with {other} without a word"
    return Refinement(message=message, span=_clause(match.node, cell))


def _span(node: SgNode) -> Span:
    span = node.range()
    return Span(span.start.index, span.end.index)


def _clause(node: SgNode, cell: Cell) -> Span:
    """The words `except …:` alone."""
    start = node.range().start.index
    block = _block(node)
    end = block.range().start.index if block is not None else node.range().end.index
    return Span(start, start + len(cell.text[start:end].split(":\n")[0].split(":\r")[0].rstrip(" :#")))


def _block(clause: SgNode) -> SgNode | None:
    return next((it for it in clause.named_children() if it.kind() == "block"), None)


def _inside(node: SgNode) -> Iterator[SgNode]:
    """The node and all below it, but not the bodies of functions and classes defined there."""
    yield node
    for child in node.named_children():
        if child.kind() not in _OWN_SCOPE:
            yield from _inside(child)


def _calls(body: SgNode) -> Iterator[SgNode]:
    """The calls whose failure reaches the handlers of this `try`: not those in an inner one that catches all."""
    for child in body.named_children():
        if child.kind() in _OWN_SCOPE:
            continue
        if child.kind() == "try_statement" and any(
            it.kind() == "except_clause" and _BROAD.match(it.text()) and not _raises(it)
            for it in child.named_children()
        ):
            continue
        if child.kind() == "call":
            yield child
        yield from _calls(child)


def _is_load(call: SgNode, match: Match, names: Names) -> bool:
    function = call.field("function")
    if function is None or not re.search(r"from_pretrained|load_adapter", function.text()):
        return False
    return bool((names.named(match.cell, _span(function)) or set()) & _LOADS)


def _raises(node: SgNode) -> bool:
    return any(it.kind() == "raise_statement" for it in _inside(node))


def _stops(handler: SgNode) -> bool:
    """Whether the handler may raise anywhere, or its last statement leaves the loop or the program."""
    if _raises(handler):
        return True
    statements = [it for it in handler.named_children() if it.kind() != "comment"]
    last = statements[-1] if statements else None
    if last is None or last.kind() in _STOPS:
        return last is not None
    inner = last.named_children()
    function = inner[0].field("function") if inner and inner[0].kind() == "call" else None
    return function is not None and bool(_EXITS.match(function.text()))


def _fallback(handler: SgNode, body: SgNode, loads: list[SgNode], match: Match, names: Names) -> str | None:
    """What the handler goes on with, as written: a value given to a name the `try` binds, or one it returns."""
    bound = {name for name, _ in _bindings(body)}
    for name, value in _bindings(handler):
        if name in bound and _is_other(value, match, names):
            return value.text() if "\n" not in value.text() else f"another {name}"
    returned = [it for it in _inside(body) if it.kind() == "return_statement"]
    for it in _inside(handler):
        values = it.named_children() if it.kind() == "return_statement" and returned else []
        if values and _is_other(values[0], match, names):
            return values[0].text() if "\n" not in values[0].text() else "another model"
    return None


def _bindings(node: SgNode) -> Iterator[tuple[str, SgNode]]:
    for it in _inside(node):
        left, right = it.field("left"), it.field("right")
        if it.kind() == "assignment" and left is not None and right is not None:
            yield left.text(), right


def _is_other(value: SgNode, match: Match, names: Names) -> bool:
    """Whether the value may be a model, and not one that an adapter was loaded into as well."""
    values = names.values(match.cell, _span(value))
    if all(is_none(it) or isinstance(it, Constant) for it in values):
        return False
    models = [it for it in values if isinstance(it, Object)]
    if models:
        return not any(it.is_a(PEFT_MODEL) for it in models)
    return value.kind() == "call" and bool(re.search(r"[Mm]odel|from_pretrained|Transformer", value.text()))
