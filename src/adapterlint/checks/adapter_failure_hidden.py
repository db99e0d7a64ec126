"""Weighing the match of rules/adapter-failure-hidden.yml: what is loaded, and what is put in its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.knowledge.calls import AUTO_PEFT_CLASSES, METHODS, PEFT_CLASSES, PEFT_MODEL
from adapterlint.model import Refinement, Span
from adapterlint.names import Object
from adapterlint.names.uses import whole

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
_MAKES_A_MODEL = re.compile(r"(?i)from_pretrained$|Transformer$|Encoder$|(^|[._])(load|get|make|build|create)\w*model$")
_SEVERAL = frozenset({"expression_list", "tuple", "pattern_list", "tuple_pattern"})
_OWN_SCOPE = frozenset({"function_definition", "class_definition", "lambda"})


def refine(match: Match, source: Source, names: Names) -> Refinement | None:
    """Keep the match only where the load in the `try` is an adapter's and the handler goes on with another model."""
    tried = match.node.parent()
    body = tried.field("body") if tried is not None else None
    handler = _block(match.node)
    if body is None or handler is None or _stops(handler):
        return None  # what the syntax alone decides comes first: to ask what a name holds runs the whole source
    loads = [call for call in _calls(body) if _is_load(call, match, names)]
    if not loads:
        return None
    other = _fallback(handler, tried, body, loads, match, names) if tried is not None else None
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
    """The node and all below it in document order, but not the bodies of functions and classes defined there."""
    waiting = [node]
    while waiting:
        it = waiting.pop()
        yield it
        waiting += [child for child in reversed(it.named_children()) if child.kind() not in _OWN_SCOPE]


def _calls(body: SgNode) -> Iterator[SgNode]:
    """The calls whose failure reaches the handlers of this `try`: not those in an inner one that catches all."""
    waiting = [body]
    while waiting:
        it = waiting.pop()
        if it.kind() == "call":
            yield it
        waiting += [child for child in reversed(it.named_children()) if not _shut(child)]


def _shut(node: SgNode) -> bool:
    """Whether no failure inside the node gets out of it now."""
    if node.kind() != "try_statement":
        return node.kind() in _OWN_SCOPE
    clauses = [it for it in node.named_children() if it.kind() == "except_clause"]
    return any(_BROAD.match(it.text()) and not _raises(it) for it in clauses)


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


def _fallback(
    handler: SgNode, tried: SgNode, body: SgNode, loads: list[SgNode], match: Match, names: Names
) -> str | None:
    """What the handler goes on with, as written: a model for a name that the load gives one to, or a returned one."""
    held = {name for name, value in _bindings(body) if _from_load(value, loads, match, names)}
    for name, value in _bindings(handler):
        if name in held and (other := _other(value, match, names)):
            return other
    returned = [it for it in _inside(body) if it.kind() == "return_statement"]
    for it in _inside(handler):
        values = it.named_children() if it.kind() == "return_statement" and returned else []
        if values and (other := _other(values[0], match, names)):
            return other
    return _left(handler, tried, body, loads)


def _bindings(node: SgNode) -> Iterator[tuple[str, SgNode]]:
    for it in _inside(node):
        left, right = it.field("left"), it.field("right")
        if it.kind() == "assignment" and left is not None and right is not None:
            yield from _pairs(left, right)


def _pairs(left: SgNode, right: SgNode) -> Iterator[tuple[str, SgNode]]:
    """Targets with their values; `a, b = c, d` is two."""
    several = left.kind() in _SEVERAL and right.kind() in _SEVERAL
    lefts, rights = left.named_children(), right.named_children()
    if several and len(lefts) == len(rights):
        for one, other in zip(lefts, rights, strict=True):
            yield from _pairs(one, other)
    else:
        yield left.text(), right


def _from_load(value: SgNode, loads: list[SgNode], match: Match, names: Names) -> bool:
    """Whether the value is what a load gave, or the object it changed in place."""
    spans = [_span(load) for load in loads]
    here = _span(value)
    if any(here.start <= span.start and span.end <= here.end for span in spans):
        return True
    objects = {part for it in names.values(match.cell, here) if isinstance(it, Object) for part in whole(it)}
    for span in spans:
        wrap = names.wrap(match.cell, span)
        made = [*(wrap.subject if wrap else ()), *names.values(match.cell, span)]
        if objects & {it for it in made if isinstance(it, Object)}:
            return True
    return False


def _other(value: SgNode, match: Match, names: Names) -> str | None:
    """The value as written if it may be a model, and not one that an adapter was loaded into as well."""
    parts = value.named_children() if value.kind() in _SEVERAL else [value]
    for it in parts:
        values = names.values(match.cell, _span(it))
        models = [found for found in values if isinstance(found, Object)]
        function = it.field("function") if it.kind() == "call" else None
        if models:
            other = not any(found.is_a(PEFT_MODEL) for found in models)
        else:
            other = function is not None and bool(_MAKES_A_MODEL.search(function.text()))
        if other:
            return it.text() if "\n" not in it.text() else "another model"
    return None


def _left(handler: SgNode, tried: SgNode, body: SgNode, loads: list[SgNode]) -> str | None:
    """The model that the load was to change and that is used after a handler which does no more than tell."""
    statements = [it for it in handler.named_children() if it.kind() != "comment"]
    if not all(it.kind() in ("pass_statement", "expression_statement") for it in statements):
        return None
    if any(it.kind() in ("assignment", "augmented_assignment", "yield", "await") for it in _inside(handler)):
        return None
    if any(it.kind() == "return_statement" for it in _inside(body)):
        return None
    changed = [(name, value) for name, value in _bindings(body)]
    for load in loads:
        subject = _subject(load)
        given = [name for name, value in changed if _span(value).start <= _span(load).start < _span(value).end]
        if not subject or (given and subject not in given):
            continue
        made_here = [name for name, value in changed if name == subject and _span(value).end <= _span(load).start]
        later = _text_after(tried)
        if not made_here and re.search(rf"(?<![\w.]){re.escape(subject)}(?!\w)(?!\s*=[^=])", later):
            return f"{subject} as it was"
    return None


def _subject(load: SgNode) -> str:
    """The name of the model an adapter is loaded into: `m` of `from_pretrained(m, …)` and `m.load_adapter(…)`."""
    function, listed = load.field("function"), load.field("arguments")
    if function is None or listed is None:
        return ""
    owner = function.field("object")
    if function.text().endswith(".load_adapter") and owner is not None:
        return owner.text() if owner.kind() in ("identifier", "attribute") else ""
    for it in listed.named_children():
        name, value = it.field("name"), it.field("value")
        if it.kind() == "keyword_argument" and name is not None and value is not None and name.text() == "model":
            return value.text()
    first = next((it for it in listed.named_children() if it.kind() != "comment"), None)
    return first.text() if first is not None and first.kind() in ("identifier", "attribute") else ""


def _text_after(statement: SgNode) -> str:
    """What follows the statement in its block, and what follows the blocks around it."""
    found: list[str] = []
    node: SgNode | None = statement
    while node is not None and node.kind() not in _OWN_SCOPE:
        found += [it.text() for it in node.next_all()]
        node = node.parent()
    return "\n".join(found)
