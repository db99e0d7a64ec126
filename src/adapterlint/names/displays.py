"""Values written out: strings, lists, dictionaries, comprehensions, and what operators make of texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapterlint.knowledge.training import PARAMETERS
from adapterlint.names import texts
from adapterlint.names.machine import MOST_WRITTEN, Machine
from adapterlint.names.objects import UNKNOWN, Items, Object, Text, join
from adapterlint.names.scope import Scope

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.names.objects import Values


class Displays(Machine):
    """Evaluation of values written out, by the kind of their syntax node."""

    def _string(self, node: SgNode) -> Values:
        parts: list[Values] = []
        literal = True
        for part in node.named_children():
            if part.kind() == "string_content":
                parts.append((Text(part.text()),))
            elif part.kind() == "interpolation":
                literal = False
                expression = part.field("expression")
                parts.append(self.evaluate(expression) if expression is not None else UNKNOWN)
        return texts.literal(node.text()) if literal else texts.concatenated(parts)

    def _concatenated_string(self, node: SgNode) -> Values:
        return texts.concatenated([self.evaluate(it) for it in node.named_children()])

    def _binary_operator(self, node: SgNode) -> Values:
        left, right, operator = node.field("left"), node.field("right"), node.field("operator")
        if left is None or right is None:
            return UNKNOWN
        held, added = self.evaluate(left), self.evaluate(right)
        if operator is not None and operator.text() == "+" and any(isinstance(it, Items) for it in (*held, *added)):
            return (Items((join(elements(held), elements(added)),)),)
        return texts.operated(operator.text() if operator else "", held, added)

    def _list(self, node: SgNode) -> Values:
        kind = "kept" if node.kind() in ("list", "set") else "stored"  # a tuple is most often taken apart again
        written, listed = [], node.named_children()
        if len(listed) > MOST_WRITTEN:  # a table of data
            return (Items((), (), True),)
        exact = True
        for it in listed:
            if it.kind() in ("list_splat", "comment"):
                if it.kind() == "list_splat":
                    exact = False
                    spread = self.evaluate(it.named_children()[0])
                    written.append(elements(spread))
                    self.happen(spread, kind, "a list", self.site(it))
                continue
            written.append(self.evaluate(it))
            self.happen(written[-1], kind, "a list", self.site(it))
        return (Items(tuple(written), exact=exact),)

    _tuple = _set = _expression_list = _list

    def _dictionary(self, node: SgNode) -> Values:
        keys, elements, listed = [], [], node.named_children()
        if len(listed) > MOST_WRITTEN:
            return (Items((), (), True),)
        for it in listed:
            key, value = it.field("key"), it.field("value")
            if it.kind() == "pair" and key is not None and value is not None:
                keys.append(self.evaluate(key))
                elements.append(self.evaluate(value))
                self.happen(elements[-1], "kept", "a dictionary", self.site(value))
            elif it.kind() == "dictionary_splat":
                keys.append(UNKNOWN)
                elements.append(UNKNOWN)
                self.happen(self.evaluate(it.named_children()[0]), "kept", "a dictionary", self.site(it))
        exact = all(it.kind() in ("pair", "comment") for it in listed)
        return (Items(tuple(elements), tuple(keys), exact=exact),)

    def _list_splat(self, node: SgNode) -> Values:
        inner = node.named_children()
        return self.evaluate(inner[0]) if inner else UNKNOWN

    _dictionary_splat = _list_splat

    def _comprehension(self, node: SgNode) -> Values:
        outer, before, site = self.scope, self.where, self.site(node)
        self.scope = Scope(self.scope)
        found = UNKNOWN
        for turn in range(2 if self.again else 1):  # the second turn sees what the first did to objects
            self.where = before._replace(turns=(*before.turns, (site, turn)))
            found = self._turn(node)
        self.scope, self.where = outer, before
        return found

    def _turn(self, node: SgNode) -> Values:
        body, *clauses = [it for it in node.named_children() if it.kind() != "comment"]
        for clause in clauses:
            if clause.kind() == "for_in_clause":
                left, right = clause.field("left"), clause.field("right")
                if left is not None and right is not None:
                    self.bind(left, elements(self.evaluate(right)))
            else:
                for it in clause.named_children():
                    self.evaluate(it)
        if body.kind() == "pair":
            key, value = body.field("key"), body.field("value")
            pair = (self.evaluate(key) if key else UNKNOWN, self.evaluate(value) if value else UNKNOWN)
            return (Items((pair[1],), (pair[0],)),)
        return (Items((self.evaluate(body),)),)


def elements(values: Values) -> Values:
    """What a loop over the values may bind: their elements, a dictionary's keys."""
    found: Values = ()
    for value in values:
        if isinstance(value, Items):
            found = join(found, *(value.keys or value.elements), UNKNOWN if value.open else ())
        elif isinstance(value, Object) and value.is_a(PARAMETERS):
            found = join(found, (value,))
        else:
            found = join(found, UNKNOWN)
    return found or UNKNOWN
