"""Statements: bindings in the order of the run, and what is in force around others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapterlint.knowledge.training import PARAMETERS
from adapterlint.names import texts
from adapterlint.names.branches import DONE, Fork
from adapterlint.names.displays import elements
from adapterlint.names.loops import Loops
from adapterlint.names.machine import MOST_STEPS
from adapterlint.names.objects import UNKNOWN, Function, Items, Object, Symbol, join
from adapterlint.names.where import Context

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.names.objects import Values


class Flow(Loops):
    """Execution of statements by the kind of their syntax node."""

    def block(self, node: SgNode) -> None:
        """Run the statements of a block one after another, until no run gets further."""
        for statement in node.named_children():
            self.steps += 1
            if self.scope.dead or self.steps > MOST_STEPS:
                return
            self.statement(statement)

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
            values = self._augmented(node, self.evaluate(left), values)
        annotation = node.field("type")
        if annotation is not None and values == UNKNOWN:
            values = self.annotated(annotation)
        self.bind(left, values)
        return values

    def _augmented(self, node: SgNode, held: Values, added: Values) -> Values:
        """What `held += added` leaves in the name: a longer text, or the same container with more in it."""
        operator = node.field("operator")
        for value in held:
            if isinstance(value, Items):
                value.open, value.exact = True, False
                self.happen(added, "kept", "a container", self.site(node))
        if held and all(isinstance(value, Items) for value in held):
            return held
        if operator is None or self.where.turns:  # in a loop it grows with each turn
            return UNKNOWN
        return texts.operated(operator.text().rstrip("="), held, added)

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
            starred = False
            for index, it in enumerate(target.named_children()):
                starred = starred or it.kind() == "list_splat_pattern"
                self.bind(it, UNKNOWN if starred else join(*(_element(value, index) for value in values)) or UNKNOWN)
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

    def _do_assert_statement(self, node: SgNode) -> None:
        for it in node.named_children():
            self.evaluate(it)
        self.assume(node.named_children()[0] if node.named_children() else None, True)

    def _do_return_statement(self, node: SgNode) -> None:
        values = join(*(self.evaluate(it) for it in node.named_children() if it.kind() != "comment"))
        if self.returned:
            self.returned[-1] = join(self.returned[-1], values)
        if self.unseen and self.unseen[-1]:
            self.happen(values, "returned", "", self.site(node))
        if self.exits:
            mark, ways = self.exits[-1]
            ways.append(self.scope.way(mark))
        self.scope.dead = True

    def _do_raise_statement(self, node: SgNode) -> None:
        for it in node.named_children():
            self.evaluate(it)
        self.scope.dead = True

    def _do_with_statement(self, node: SgNode) -> None:
        before = self.where
        items = [it for clause in node.named_children() if clause.kind() == "with_clause"
                 for it in clause.named_children()]  # fmt: skip
        contexts = [self._with_item(value) for it in items if (value := it.field("value")) is not None]
        body = node.field("body")
        if body is None or self.scope.dead:
            return
        if any(value == Symbol("contextlib.suppress") for context in contexts for value in context.callee):
            self._suppressed(node, body)
        else:
            self.block(body)
        self.where = self.where._replace(contexts=before.contexts)

    def _with_item(self, value: SgNode) -> Context:
        inner, targets = value, []
        if value.kind() == "as_pattern":
            inner, *targets = value.named_children()
        values = self.evaluate(inner)
        context = self.context(inner, values)
        for target in targets:
            self.bind(target, self._as_entered(context))
        return context

    def _as_entered(self, context: Context) -> Values:
        """What `as` binds: what the manager's `__enter__` returns, most often the manager itself."""
        managed = any(isinstance(it, Function) and it.kind == "manager" for it in context.callee)
        found: Values = ()
        for value in context.values:
            if isinstance(value, Items) and managed:
                found = join(found, elements((value,)))
            elif isinstance(value, Object) and value.local is not None and "__enter__" in value.local.methods:
                method = value.local.methods["__enter__"].of(value)
                found = join(found, self.enter(method, (), "__enter__", context.site))
            else:
                found = join(found, (value,))
        return found or UNKNOWN

    def context(self, node: SgNode, values: Values) -> Context:
        """What is in force from here on: an item of a `with`, or a decorator."""
        found = Context(self.site(node), self.callee if node.kind() == "call" else values, values)
        self.where = self.where._replace(contexts=(*self.where.contexts, found))
        return found

    def _suppressed(self, node: SgNode, body: SgNode) -> None:
        """A body of which any statement may fail, and the run goes on behind it."""
        fork = Fork(self, "try", node)
        self.scope.watch()
        fork.enter((0,))
        self.block(body)
        log = self.scope.unwatch()
        fork.end(DONE)
        fork.back()
        self.scope.take(self.scope.failed(log))
        fork.enter((1,))
        fork.end(1)
        fork.meet()

    def _do_global_statement(self, node: SgNode) -> None:
        self.scope.globals.update(it.text() for it in node.named_children())

    def _do_nonlocal_statement(self, node: SgNode) -> None:
        self.scope.nonlocals.update(it.text() for it in node.named_children())

    def _do_delete_statement(self, node: SgNode) -> None:
        for it in node.named_children():
            for name in it.named_children() if it.kind() == "expression_list" else [it]:
                if name.kind() == "identifier":
                    self.scope.set(name.text(), UNKNOWN)
                else:
                    self.bind(name, UNKNOWN)


def _element(value: object, index: int) -> Values:
    if isinstance(value, Items) and not value.keys and index < len(value.elements):
        return value.elements[index]
    if isinstance(value, Object) and value.is_a(PARAMETERS):
        return (value,)  # of named_parameters()
    return UNKNOWN
