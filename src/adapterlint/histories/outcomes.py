"""What becomes of the result of a call: the name it is bound to, and the reports of keys that setters return."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.knowledge import effects
from adapterlint.knowledge.training import REPORT
from adapterlint.names.objects import Object

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.names import Names
    from adapterlint.names.acts import Act, Event

#: What a report has besides the methods of a tuple.
REPORTED = frozenset({"missing_keys", "unexpected_keys"})
_OF_REPORTS = REPORTED | {"_asdict", "_fields", "_replace", "count", "index"}
#: What is done to a model alone.
_OF_MODELS = frozenset({
    effects.WRAPPED, effects.LOADED, effects.ACTIVATED, effects.MERGED, effects.TRAINED, effects.OPTIMIZED,
    effects.EVALUATED, effects.USED, effects.MODE, effects.FILLED, effects.PREPARED,
})  # fmt: skip
_LOOPS = frozenset({"for_statement", "while_statement"})


def climbed(node: SgNode | None) -> SgNode | None:
    """The expression that gives what the node gives: parentheses and a conditional expression around it."""
    while node is not None and (outer := node.parent()) is not None:
        inner = outer.named_children()
        arm = outer.kind() == "conditional_expression" and node.range() != inner[1].range()
        if not arm and outer.kind() != "parenthesized_expression":
            break
        node = outer
    return node


def target_of(node: SgNode | None) -> SgNode | None:
    """What `target = node` binds, None where the node is not the whole right side of an assignment."""
    outer = node.parent() if node is not None else None
    if node is None or outer is None or outer.kind() not in ("assignment", "named_expression"):
        return None
    given = outer.field("right") or outer.field("value")
    return outer.field("left") or outer.field("name") if given is not None and given.range() == node.range() else None


def read_later(name: str, node: SgNode) -> bool:
    """Whether a name that is bound at the node may be read afterwards; outside of functions nothing says no."""
    inner, loop = node, False
    while inner.kind() != "function_definition" and (outer := inner.parent()) is not None:
        loop = loop or inner.kind() in _LOOPS
        inner = outer
    if inner.kind() != "function_definition" or not name.isidentifier():
        return True
    here = node.range()
    for it in inner.find_all(kind="identifier"):
        own = here.start.index <= it.range().start.index < here.end.index and not loop
        if it.text() != name or own:
            continue
        outside = (it.parent() or it).kind() in ("global_statement", "nonlocal_statement")
        if outside or (is_read(it) and (loop or it.range().start.index >= here.end.index)):
            return True
    return False


def is_read(name: SgNode) -> bool:
    """Whether the identifier is no target, no keyword and no attribute."""
    outer = name.parent()
    if outer is None:
        return True
    own = {"assignment": "left", "named_expression": "name", "keyword_argument": "name", "attribute": "attribute"}
    field = outer.field(own[outer.kind()]) if outer.kind() in own else None
    return field is None or field.range() != name.range()


def reports(act: Act) -> Iterator[Object]:
    """The reports of keys among what the call gave back."""
    yield from (it for it in act.results if isinstance(it, Object) and it.is_a(REPORT))


def asked(report: Object) -> bool:
    """Whether the report is treated as one: its keys are read, or it is unpacked."""
    return any(it.detail in REPORTED or it.kind == "item" for it in report.events)


def as_model(report: Object, names: Names) -> Event | None:
    """The first event that only a model stands: a member that reports do not have, a call, a training."""
    for it in report.events:
        if not it.sure or not (it.kind in _OF_MODELS or (it.kind == "member" and it.detail not in _OF_REPORTS)):
            continue
        if not names.cell(it.site).masked.startswith(("hasattr(", "getattr("), it.site.start):
            return it
    return None


def let_go(act: Act, names: Names) -> bool:
    """Whether nothing asks for the result: the call is a statement, or a name is bound that is never read.

    A helper that returns it is asked by its callers.
    """
    if any(it.kind not in ("bound", "returned") for report in reports(act) for it in report.events):
        return False
    node, callers = climbed(act.node), list(act.where.calls)
    while node is not None and (outer := node.parent()) is not None:
        if outer.kind() == "expression_statement":
            return True
        target = target_of(node)
        if target is not None:
            return _thrown(target, node)
        if outer.kind() != "return_statement" or not callers:
            return False
        node = climbed(callers.pop())
    return False


def _thrown(target: SgNode, node: SgNode) -> bool:
    """Whether what is bound is never read: the name is `_`, or stands nowhere else in its function."""
    if not set(target.text()) - set("_, ()"):
        return True
    scope: SgNode | None = target
    while scope is not None and scope.kind() != "function_definition":
        scope = scope.parent()
    return target.kind() == "identifier" and scope is not None and not read_later(target.text(), node)
