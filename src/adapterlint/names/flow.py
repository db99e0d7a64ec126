"""Statements: bindings in the order of the run, branches that fork and meet, loops walked twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapterlint.names.expressions import elements
from adapterlint.names.machine import MOST_STEPS
from adapterlint.names.narrowing import Narrowing
from adapterlint.names.objects import UNKNOWN, Items, Object, join

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.names.objects import Values


class Flow(Narrowing):
    """Execution of statements by the kind of their syntax node."""

    def block(self, node: SgNode) -> None:
        """Run the statements of a block one after another, until no run gets further."""
        for statement in node.named_children():
            self.steps += 1
            if self.scope.dead or self.steps > MOST_STEPS:
                return
            self.statement(statement)
            for states in self.trials:
                states.append(self.scope.fork())

    def statement(self, node: SgNode) -> None:
        """Run one statement; what is no known statement is evaluated for what it does to objects."""
        method = getattr(self, f"_do_{node.kind()}", None)
        if method is not None:
            method(node)
        elif node.kind() == "ERROR":
            self.block(node)
        else:
            self.evaluate(node)

    def _do_comment(self, node: SgNode) -> None:
        pass

    _do_pass_statement = _do_comment

    def _do_expression_statement(self, node: SgNode) -> None:
        for it in node.named_children():
            if it.kind() in ("assignment", "augmented_assignment"):
                self._assignment(it)
            else:
                self.evaluate(it)

    def _assignment(self, node: SgNode) -> Values:
        left, right = node.field("left"), node.field("right")
        if left is None or right is None:
            return UNKNOWN
        values = self._assignment(right) if right.kind() == "assignment" else self.evaluate(right)
        if node.kind() == "augmented_assignment":
            self.evaluate(left)
            values = UNKNOWN
        self.bind(left, values)
        return values

    def bind(self, target: SgNode, values: Values) -> None:
        """Bind a target of an assignment, loop or `with`: a name, an attribute, an item, or several of them."""
        kind = target.kind()
        if kind == "identifier":
            self.happen(values, "bound", target.text(), self.site(target))
            self.learn(self.site(target), values)
            self.scope.set(target.text(), values)
        elif kind in ("attribute", "subscript"):
            self._bind_part(target, values)
        elif kind in ("pattern_list", "tuple_pattern", "list_pattern"):
            for index, it in enumerate(target.named_children()):
                self.bind(it, join(*(_element(value, index) for value in values)))
        elif kind in ("as_pattern_target", "list_splat_pattern", "parenthesized_expression"):
            for it in target.named_children():
                self.bind(it, values if kind != "list_splat_pattern" else UNKNOWN)

    def _bind_part(self, target: SgNode, values: Values) -> None:
        owner = target.field("object") or target.field("value")
        attribute = target.field("attribute")
        if owner is None:
            return
        site = self.site(target)
        name = attribute.text() if attribute is not None else ""
        for value in self.evaluate(owner):
            if isinstance(value, Items):
                self.happen(values, "kept", "a container", site)
                value.put(self._index(target), values)
                continue
            self.happen((value,), "assigned", name, site)
            if attribute is not None:
                self.scope.heap.set((value, name), values)
            followed = isinstance(value, Object) and value.local is not None and attribute is not None
            for it in values:
                if it is not value:
                    self.happen((it,), "bound" if followed else "kept", name, site)

    def _index(self, target: SgNode) -> Values:
        index = target.field_children("subscript")
        return self.evaluate(index[0]) if len(index) == 1 else UNKNOWN

    def _do_if_statement(self, node: SgNode) -> None:
        condition, body = node.field("condition"), node.field("consequence")
        if condition is not None:
            self.evaluate(condition)
        start, ends = self.scope.fork(), []
        self.assume(condition, True)
        if body is not None:
            self.block(body)
        ends.append(self.scope.fork())
        self.scope.back(start)
        self.assume(condition, False)
        for other in node.field_children("alternative"):
            test = other.field("condition")
            if test is not None:
                self.evaluate(test)
            start = self.scope.fork()
            self.assume(test, True)
            inner = other.field("consequence") or other.field("body")
            if inner is not None:
                self.block(inner)
            ends.append(self.scope.fork())
            self.scope.back(start)
            self.assume(test, False)
            self.scope.dead = self.scope.dead or other.kind() == "else_clause"
        self.scope.meet([*ends, self.scope.fork()])

    def _do_assert_statement(self, node: SgNode) -> None:
        for it in node.named_children():
            self.evaluate(it)
        self.assume(node.named_children()[0] if node.named_children() else None, True)

    def _do_match_statement(self, node: SgNode) -> None:
        for it in node.field_children("subject"):
            self.evaluate(it)
        body = node.field("body")
        start, ends = self.scope.fork(), []
        for case in body.named_children() if body is not None else ():
            inner = case.field("consequence")
            if inner is None:
                continue
            for pattern in case.find_all({"rule": {"kind": "case_pattern"}}):
                for name in pattern.find_all({"rule": {"kind": "identifier"}}):
                    if name.text() in self.scope.names:
                        self.scope.set(name.text(), UNKNOWN)
            self.block(inner)
            ends.append(self.scope.fork())
            self.scope.back(start)
        self.scope.meet([*ends, start])

    def _do_for_statement(self, node: SgNode) -> None:
        left, right = node.field("left"), node.field("right")
        values = elements(self.evaluate(right)) if right is not None else UNKNOWN
        self._loop(node, lambda: self.bind(left, values) if left is not None else None)

    def _do_while_statement(self, node: SgNode) -> None:
        condition = node.field("condition")
        self._loop(node, lambda: self.evaluate(condition) if condition is not None else None)

    def _loop(self, node: SgNode, turn: object) -> None:
        assert callable(turn)
        body = node.field("body")
        before = self.scope.fork()
        for _ in range(2):  # the second turn sees what the first left behind
            self.jumps.append([])
            turn()
            if body is not None:
                self.block(body)
            self.scope.meet([self.scope.fork(), *self.jumps.pop()])
            if self.scope.dead:
                break
        self.scope.meet([before, self.scope.fork()])
        for other in node.field_children("alternative"):
            inner = other.field("body")
            if inner is not None and not self.scope.dead:
                self.block(inner)

    def _do_break_statement(self, node: SgNode) -> None:
        if self.jumps:
            self.jumps[-1].append(self.scope.fork())
        self.scope.dead = True

    _do_continue_statement = _do_break_statement

    def _do_return_statement(self, node: SgNode) -> None:
        values = join(*(self.evaluate(it) for it in node.named_children() if it.kind() != "comment"))
        if self.returned:
            self.returned[-1] = join(self.returned[-1], values)
        if self.unseen and self.unseen[-1]:
            self.happen(values, "returned", "", self.site(node))
        if self.exits:
            self.exits[-1].append(self.scope.fork())
        self.scope.dead = True

    def _do_raise_statement(self, node: SgNode) -> None:
        for it in node.named_children():
            self.evaluate(it)
        self.scope.dead = True

    def _do_try_statement(self, node: SgNode) -> None:
        body = node.field("body")
        self.trials.append([self.scope.fork()])
        if body is not None:
            self.block(body)
        states = self.trials.pop()
        clauses = node.named_children()
        for it in clauses:
            if it.kind() == "else_clause" and not self.scope.dead:
                self.block(it.named_children()[-1])
        ends = [self.scope.fork()]
        self.scope.meet(states)
        failed = self.scope.fork()
        for it in clauses:
            if it.kind() in ("except_clause", "except_group_clause"):
                self.scope.back(failed)
                self._handler(it)
                ends.append(self.scope.fork())
        self.scope.meet(ends)
        for it in clauses:
            if it.kind() == "finally_clause":
                dead, self.scope.dead = self.scope.dead, False
                self.block(it.named_children()[-1])
                self.scope.dead = self.scope.dead or dead

    def _handler(self, node: SgNode) -> None:
        for it in node.named_children():
            if it.kind() == "block":
                self.block(it)
            elif it.kind() == "as_pattern":
                for target in it.named_children():
                    if target.kind() == "as_pattern_target":
                        self.bind(target, UNKNOWN)

    def _do_with_statement(self, node: SgNode) -> None:
        for clause in node.named_children():
            if clause.kind() == "with_clause":
                for item in clause.named_children():
                    self._with_item(item.field("value"))
        body = node.field("body")
        if body is not None:
            self.block(body)

    def _with_item(self, value: SgNode | None) -> None:
        if value is None:
            return
        if value.kind() != "as_pattern":
            self.evaluate(value)
            return
        inner, *targets = value.named_children()
        values = self.evaluate(inner)
        for target in targets:
            self.bind(target, values)

    def _do_global_statement(self, node: SgNode) -> None:
        self.scope.globals.update(it.text() for it in node.named_children())

    def _do_nonlocal_statement(self, node: SgNode) -> None:
        self.scope.nonlocals.update(it.text() for it in node.named_children())

    def _do_delete_statement(self, node: SgNode) -> None:
        for it in node.named_children():
            for name in it.named_children() if it.kind() == "expression_list" else [it]:
                if name.kind() == "identifier":
                    self.scope.set(name.text(), UNKNOWN)


def _element(value: object, index: int) -> Values:
    if isinstance(value, Items) and not value.keys and index < len(value.elements):
        return value.elements[index]
    return UNKNOWN
