"""What a guarded load that fails leaves behind: the model as it was, and whether anything asks which one it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from adapterlint.histories.guards import (
    OWN_SCOPE,
    after,
    bindings,
    bound_before,
    inside,
    looped,
    parts,
    returns,
    statements,
)
from adapterlint.histories.outcomes import is_read
from adapterlint.knowledge.calls import PEFT_MODEL
from adapterlint.knowledge.effects import EVALUATED, OPTIMIZED, SAVED, TRAINED, USED
from adapterlint.model import Span
from adapterlint.names.objects import Object, Site, Text

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.artifacts.source import Source
    from adapterlint.histories.guards import Guard
    from adapterlint.names import Names
    from adapterlint.names.acts import Act

_MAKES_A_MODEL = re.compile(r"(?i)from_pretrained$|Transformer$|Encoder$|(^|[._])(load|get|make|build|create)\w*model$")
_USES = (USED, EVALUATED, TRAINED, OPTIMIZED, SAVED, "returned")
_PLAIN = frozenset({"pass_statement", "expression_statement", "delete_statement", "import_statement"})
_CONSTANTS = frozenset({"true", "false", "none", "string", "integer"})
_ASKS = re.compile(r"isinstance\([^)]*Peft|hasattr\([^)]*peft|\bpeft_config\b|\bactive_adapters?\b")


def span_of(node: SgNode) -> Span:
    """The characters of its cell that the node takes."""
    span = node.range()
    return Span(span.start.index, span.end.index)


def asked(guard: Guard, source: Source, names: Names) -> bool:
    """Whether the program asks later what it has: by a flag that the guarded statements set, or by the class."""
    for name, value in (*bindings(guard.body), *bindings(guard.handler)):
        if value.kind() in _CONSTANTS and ("." in name or "[" in name or _read(name, guard, source, names)):
            return True
    return any(_ASKS.search(it.text()) for it in after(guard.statement))


def other_model(value: SgNode, cell: int, names: Names) -> str:
    """The value as written if it may be a model, and not one that an adapter was loaded into as well."""
    for it in parts(value):
        span = span_of(it)
        models = [found for found in names.at(Site(cell, span.start, span.end)) if isinstance(found, Object)]
        function = it.field("function") if it.kind() == "call" else None
        made = function is not None and bool(_MAKES_A_MODEL.search(function.text()))
        if not any(found.is_a(PEFT_MODEL) for found in models) if models else made:
            return it.text() if "\n" not in it.text() else "another model"
    return ""


def left(guard: Guard, source: Source, names: Names) -> str:
    """The model that the load was to change and that is used after a handler which does no more than tell."""
    if returns(guard.body) or not _tells(guard.handler) or (guard.kind == "exists" and not _same_path(guard)):
        return ""
    call = span_of(guard.call)
    given = [name for name, value in bindings(guard.body) if _around(span_of(value), call)]
    owner = _subject(guard.load) if not guard.depth else ""
    for name in given:
        made_here = any(it == name and span_of(value).end <= call.start for it, value in bindings(guard.body))
        stale = looped(guard.statement) is not None and _read_in_loop(name, guard.statement)
        known = name == owner or bound_before(name, guard.statement) or _in_earlier_cells(name, guard, source, names)
        if not made_here and (stale or known) and _read(name, guard, source, names):
            return f"{name} as it was"
    if given or (statement := guard.call.parent()) is None or statement.kind() != "expression_statement":
        return ""
    if owner.replace("self.", "").isidentifier() and not any(name == owner for name, _ in bindings(guard.body)):
        return f"{owner} as it was" if _read(owner, guard, source, names) else ""
    return f"{owner or 'the model'} as it was" if _used_later(guard, names) else ""


def paths_differ(one: Act, other: Act) -> bool:
    """Whether two loads surely read different adapters: their literal folders have different names."""
    texts = [
        {it.value.rstrip("/").rpartition("/")[2] for it in act.adapter if isinstance(it, Text)} for act in (one, other)
    ]
    return all(texts) and not texts[0] & texts[1]


def _tells(handler: SgNode | None) -> bool:
    """Whether the handler only speaks, or sets constants."""
    for it in statements(handler):
        inner = it.named_children()
        value = inner[0].field("right") if it.kind() == "expression_statement" and inner else None
        if it.kind() not in _PLAIN or (value is not None and value.kind() not in _CONSTANTS):
            return False
    return not any(
        it.kind() in ("yield", "await", "augmented_assignment") for it in (inside(handler) if handler else ())
    )


def _around(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _used_later(guard: Guard, names: Names) -> bool:
    """Whether the object itself, changed in place by a load that succeeds, is used after the statement."""
    act, here = guard.load, span_of(guard.statement)
    for subject in (it for it in act.subject if isinstance(it, Object)):
        for owner in names.history.family(subject):
            born_here = owner.site.cell == guard.site.cell and here.start <= owner.site.start < here.end
            if owner.order > act.order or born_here or owner.made is act:
                continue
            for event in (it for it in owner.events if it.kind in _USES and it.order > act.order):
                inner = event.site.cell == guard.site.cell and here.start <= event.site.start < here.end
                if not inner and names.history.before(act, event):
                    return True
    return False


def _subject(load: Act) -> str:
    """The model an adapter is loaded into, as written: `m` of `from_pretrained(m, …)` and of `m.load_adapter(…)`."""
    function = load.node.field("function") if load.node is not None else None
    listed = load.node.field("arguments") if load.node is not None else None
    owner = function.field("object") if function is not None else None
    if load.call.endswith(".load_adapter"):
        return owner.text() if owner is not None else ""
    for it in listed.named_children() if listed is not None else ():
        name, value = it.field("name"), it.field("value")
        if it.kind() == "keyword_argument" and name is not None and value is not None and name.text() == "model":
            return value.text()
    first = next((it for it in (listed.named_children() if listed else ()) if it.kind() not in _NO_MODEL), None)
    return first.text() if first is not None else ""


_NO_MODEL = frozenset({"comment", "keyword_argument"})


def _word(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.]){re.escape(name)}(?!\w)(?!\s*=[^=])")


def _read(name: str, guard: Guard, source: Source, names: Names) -> bool:
    """Whether the name is read after the statement: in its function, in later cells, or anywhere in its class."""
    used = _word(name)
    if any(_reads(it, name, used) for it in after(guard.statement)):
        return True
    node: SgNode | None = guard.statement
    while node is not None and node.kind() not in OWN_SCOPE:
        node = node.parent()
    if node is None:
        cell = names.cell(guard.site)
        later = source.cells[source.cells.index(cell) + 1 :] if cell in source.cells else ()
        return any(used.search(it.masked) for it in later)
    while node is not None and node.kind() != "class_definition":
        node = node.parent()
    here = guard.statement.text()
    return "." in name and node is not None and used.search(node.text().replace(here, "")) is not None


def _reads(node: SgNode, name: str, used: re.Pattern[str]) -> bool:
    if not name.isidentifier():
        return used.search(node.text()) is not None
    if used.search(node.text()) is None:
        return False
    return any(it.text() == name and is_read(it) for it in node.find_all(kind="identifier"))


def _read_in_loop(name: str, statement: SgNode) -> bool:
    loop, node = looped(statement), statement
    while loop is not None and node.range() != loop.range():
        if any(_reads(it, name, _word(name)) for it in node.next_all()):
            return True
        outer = node.parent()
        if outer is None:
            break
        node = outer
    return False


def _in_earlier_cells(name: str, guard: Guard, source: Source, names: Names) -> bool:
    """Whether an earlier cell of the notebook binds the name, for a statement outside of functions."""
    node: SgNode | None = guard.statement
    while node is not None and node.kind() not in OWN_SCOPE:
        node = node.parent()
    cell = names.cell(guard.site)
    if node is not None or cell not in source.cells:
        return False
    bound = re.compile(rf"^{re.escape(name)}\s*(:[^=\n]+)?=[^=]", re.MULTILINE)
    return any(bound.search(it.masked) for it in source.cells[: source.cells.index(cell)])


def _same_path(guard: Guard) -> bool:
    """Whether the test looks at what the load reads: a name or text of the one stands in the other."""
    condition = guard.statement.field("condition")
    given = guard.load.argument("model_id") or guard.load.argument("peft_model_id")
    node = guard.load.node.field("arguments") if guard.load.node is not None else None
    if condition is None or given is None or node is None:
        return False
    words = {it.text() for it in node.find_all(kind="identifier")} | {
        it.text() for it in node.find_all(kind="string_content")
    }
    path = {it for it in words if it in _text_at(node, given.site.start, given.site.end)}
    return any(re.search(rf"(?<!\w){re.escape(it)}(?!\w)", condition.text()) for it in path if len(it) > 1)


def _text_at(listed: SgNode, start: int, end: int) -> str:
    offset = listed.range().start.index
    return listed.text()[start - offset : end - offset]
