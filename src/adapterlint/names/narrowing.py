"""What a condition says of the names in it: `isinstance`, `is None`, `hasattr`, joined by `not`, `and`, `or`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from adapterlint.knowledge.calls import CALLS, PEFT_MODEL, PRETRAINED, SENTENCE_TRANSFORMER
from adapterlint.names.calls import Calls
from adapterlint.names.objects import UNKNOWN, Items, LocalClass, Object, Symbol, Text, Unknown, is_none, join

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.names.objects import Site, Value, Values

#: Classes of which no instance is an instance of another.
_APART = frozenset({SENTENCE_TRANSFORMER, "sentence_transformers.CrossEncoder", PEFT_MODEL, PRETRAINED})


class Narrowing(Calls):
    """What is left of a name's possibilities where a condition holds, and where it does not."""

    def assume(self, condition: SgNode | None, truth: bool) -> None:
        """Go on as a run does for which the condition, already evaluated, came out as `truth`."""
        if condition is None or self.scope.dead:
            return
        kind, inner = condition.kind(), condition.named_children()
        if kind == "parenthesized_expression" and len(inner) == 1:
            self.assume(inner[0], truth)
        elif kind == "not_operator" and inner:
            self.assume(inner[-1], not truth)
        elif kind == "boolean_operator":
            operator = condition.field("operator")
            if operator is not None and (operator.text() == "and") is truth:
                for it in inner:
                    self.assume(it, truth)
        elif kind == "comparison_operator":
            self._compared(condition, truth)
        elif kind in ("identifier", "attribute") and truth:
            self._keep(condition, lambda value: () if is_none(value) else (value,))
        elif kind == "call":
            self._asked(condition, truth)

    def _compared(self, condition: SgNode, truth: bool) -> None:
        inner = condition.named_children()
        operators = {it.text() for it in condition.field_children("operators")}
        if len(inner) != 2 or inner[1].kind() != "none" or not operators <= {"is", "is not", "==", "!="}:
            return
        none = truth is not bool(operators & {"is not", "!="})
        self._keep(inner[0], lambda value: (value,) if is_none(value) is none or isinstance(value, Unknown) else ())

    def _asked(self, call: SgNode, truth: bool) -> None:
        function, listed = call.field("function"), call.field("arguments")
        given = [it for it in listed.named_children() if it.kind() != "comment"] if listed is not None else []
        if function is None or len(given) != 2 or function.text() not in ("isinstance", "hasattr"):
            return
        values = self.evaluate(given[1])
        if function.text() == "hasattr":
            if not truth and isinstance(values[0], Text):
                self._keep(given[0], lambda value: UNKNOWN if isinstance(value, Object) else (value,))
            return
        self._of_class(given[0], values, truth)

    def assume_class(self, node: SgNode, cls: SgNode) -> None:
        """Go on as a run does in which the node is an instance of the class, or of one of the classes."""
        self._of_class(node, self.evaluate(cls), True)

    def _of_class(self, node: SgNode, values: Values, truth: bool) -> None:
        classes = [name for value in values for name in _names(value)]
        site = self.site(node)

        def left(value: Value) -> Values:
            if isinstance(value, Unknown):
                return self._foreign(classes, site) if truth and set(classes) <= set(CALLS) else UNKNOWN
            said = _is_instance(value, classes)
            return (value,) if said is None or said is truth else ()

        self._keep(node, left)

    def _foreign(self, classes: list[str], site: Site) -> Values:
        made = [self.born((name,), site) for name in classes]
        for it in made:
            it.foreign = True
        return tuple(made)

    def _keep(self, node: SgNode, left: Callable[[Value], Values]) -> None:
        """Keep of the possibilities of a name, or of an attribute of one object, what `left` leaves of each."""
        if node.kind() == "identifier":
            held = self.lookup(node.text())
            kept = join(*(left(value) for value in held))
            if kept and kept != held:
                self.scope.set(node.text(), kept)
        elif node.kind() == "attribute":
            owner, name = node.field("object"), node.field("attribute")
            owners = self.lookup(owner.text()) if owner is not None and owner.kind() == "identifier" else ()
            on_heap = self.scope.heap.entries.get((owners[0], name.text())) if len(owners) == 1 and name else None
            if on_heap is None or name is None:
                return
            kept = join(*(left(value) for value in on_heap))
            if kept and kept != on_heap:
                self.scope.heap.set((owners[0], name.text()), kept)
        else:
            return
        self.scope.dead = not kept


def _names(value: Value) -> tuple[str, ...]:
    if isinstance(value, Symbol):
        return (value.name,)
    if isinstance(value, LocalClass):
        return (f"local.{value.name}",)
    return (
        tuple(name for it in value.elements for each in it for name in _names(each))
        if isinstance(value, Items)
        else ("?",)
    )


def _is_instance(value: Value, classes: list[str]) -> bool | None:
    """Whether the value is an instance of one of the classes; None where that is not known."""
    if is_none(value):
        return False
    if not isinstance(value, Object):
        return None
    if any(value.is_a(name) for name in classes):
        return True
    return False if set(classes) <= _APART and value.classes[0] in _APART else None
