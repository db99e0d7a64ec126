"""Forks of the flow: `if`, `match`, `try`. The ways fork, and meet again in what each has bound."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from adapterlint.names.narrowing import Narrowing
from adapterlint.names.objects import UNKNOWN, is_none, join

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.names.objects import Site, Values
    from adapterlint.names.scope import Way
    from adapterlint.names.where import Arm, Given, Where

DONE = -1  # the way of a `try` whose body ran to its end
_ASKS = frozenset({"identifier", "attribute", "comparison_operator"})


class Branches(Narrowing):
    """Execution of statements that fork."""

    def fork(self) -> int:
        """The number of a new fork."""
        self.forks += 1
        return self.forks

    def given(self, condition: SgNode | None, truth: bool) -> Given:
        """What a condition of a name says, to be held against the same name asked again."""
        while condition is not None and condition.kind() in ("not_operator", "parenthesized_expression"):
            truth = truth is not (condition.kind() == "not_operator")
            inner = condition.named_children()
            condition = inner[-1] if inner else None
        if condition is None or condition.kind() not in _ASKS:
            return frozenset()
        text = " ".join(condition.text().split())
        return frozenset({(self.scope.bound(re.split(r"\W", text, maxsplit=1)[0]), text, truth)})

    def _do_if_statement(self, node: SgNode) -> None:
        tests = [(node.field("condition"), node.field("consequence"))]
        for it in node.field_children("alternative"):
            tests.append((it.field("condition"), it.field("consequence") or it.field("body")))
        fork = Fork(self, "if", node)
        refused: Given = frozenset()
        for number, (test, body) in enumerate(tests):
            if test is not None:
                self.evaluate(test)
            start = self.scope.mark()
            fork.enter((number,), refused | self.given(test, True))
            self.assume(test, True)
            if body is not None and not self.scope.dead:
                self.block(body)
            fork.end(number)
            self.scope.leave(start)
            self.scope.close()
            refused |= self.given(test, False)
            fork.enter(range(number + 1, len(tests) + 1), refused)
            self.assume(test, False)
            if test is None or self.scope.dead:
                self.scope.dead = True
                break
        if not self.scope.dead:
            fork.end(len(tests))
        fork.meet()

    def _conditional_expression(self, node: SgNode) -> Values:
        children = [it for it in node.named_children() if it.kind() != "comment"]
        if len(children) != 3:
            return UNKNOWN
        first, test, second = children
        self.evaluate(test)
        fork, values = Fork(self, "if", node), []
        for number, (part, truth) in enumerate(((first, True), (second, False))):
            fork.enter((number,), self.given(test, truth))
            self.assume(test, truth)
            if not self.scope.dead:
                values.append(self.evaluate(part))
            fork.end(number)
            fork.back()
        fork.meet()
        return join(*values) or UNKNOWN

    def _boolean_operator(self, node: SgNode) -> Values:
        """`a and b`, `a or b`: the second is evaluated only where the first leaves the question open."""
        left, right, operator = node.field("left"), node.field("right"), node.field("operator")
        if left is None or right is None or operator is None:
            return UNKNOWN
        first, truth = self.evaluate(left), operator.text() == "and"
        fork = Fork(self, "if", node)
        fork.enter((0,), self.given(left, truth))
        self.assume(left, truth)
        second = () if self.scope.dead else self.evaluate(right)
        fork.end(0)
        fork.back()
        fork.enter((1,), self.given(left, not truth))
        fork.end(1)
        fork.meet()
        if not truth:
            first = tuple(it for it in first if not is_none(it))
        return join(first, second) or UNKNOWN

    def _do_match_statement(self, node: SgNode) -> None:
        subjects = node.field_children("subject")
        for it in subjects:
            self.evaluate(it)
        subject = subjects[0] if len(subjects) == 1 else None
        body = node.field("body")
        cases = [it for it in (body.named_children() if body is not None else ()) if it.kind() == "case_clause"]
        fork = Fork(self, "match", node)
        for number, case in enumerate(cases):
            fork.enter((number,))
            self._case(case, subject)
            fork.end(number)
            fork.back()
        if not (cases and _takes_all(cases[-1])):
            fork.enter((len(cases),))
            fork.end(len(cases))
        fork.meet()

    def _case(self, case: SgNode, subject: SgNode | None) -> None:
        """One case. `case name` and `case C() as name` bind the whole subject; other names hold parts of it."""
        patterns = [it for it in case.named_children() if it.kind() == "case_pattern"]
        inner = patterns[0].named_children() if len(patterns) == 1 else []
        whole = inner[0] if inner else None
        names: list[str] = []
        if whole is not None and whole.kind() == "as_pattern":
            parts = whole.named_children()
            names, inner = [parts[-1].text()], parts[0].named_children()
            whole = inner[0] if inner else None
        if subject is not None and whole is not None and whole.kind() == "class_pattern":
            self.assume_class(subject, whole.named_children()[0])
        for name in (it for pattern in patterns for it in _bound(pattern)):
            self.scope.set(name, UNKNOWN)
        if whole is not None and whole.kind() == "dotted_name" and len(whole.named_children()) == 1:
            names.append(whole.text())
        for name in names if subject is not None else ():
            self.scope.set(name, self.evaluate(subject) if subject is not None else UNKNOWN)
        for it in case.named_children():
            if it.kind() == "if_clause":
                for test in it.named_children():
                    self.evaluate(test)
                    self.assume(test, True)
        body = case.field("consequence")
        if body is not None and not self.scope.dead:
            self.block(body)

    def _do_try_statement(self, node: SgNode) -> None:
        body, clauses = node.field("body"), node.named_children()
        fork = Fork(self, "try", node)
        self.scope.watch()
        fork.enter((0,))
        if body is not None:
            self.block(body)
        log = self.scope.unwatch()
        fork.enter((DONE,))
        for it in clauses:
            if it.kind() == "else_clause" and not self.scope.dead:
                self.block(it.named_children()[-1])
        fork.end(DONE)
        fork.back()
        failed = self.scope.failed(log)
        handlers = [it for it in clauses if it.kind() in ("except_clause", "except_group_clause")]
        for number, it in enumerate(handlers, 1):
            self.scope.take(failed)
            fork.enter((number,))
            self._handler(it)
            fork.end(number)
            fork.back()
        fork.meet()
        for it in clauses:
            if it.kind() == "finally_clause":
                dead, self.scope.dead = self.scope.dead, False
                after, self.where = self.where, fork.before
                self.block(it.named_children()[-1])
                self.where = after
                self.scope.dead = self.scope.dead or dead

    def _handler(self, node: SgNode) -> None:
        for it in node.named_children():
            if it.kind() == "block":
                self.block(it)
            elif it.kind() == "as_pattern":
                for target in it.named_children():
                    if target.kind() == "as_pattern_target":
                        self.bind(target, UNKNOWN)
            elif it.kind() != "comment":
                self.evaluate(it)


class Fork:
    """One visit of a statement that forks: the ways taken, each with what it bound and where it ended."""

    def __init__(self, machine: Branches, kind: str, node: SgNode) -> None:
        self.machine, self.kind = machine, kind
        self.site: Site = machine.site(node)
        self.number = machine.fork()
        self.before: Where = machine.where
        self.mark = machine.scope.mark()
        self.ways: list[tuple[int, Way, Where]] = []

    def enter(self, ways: Sequence[int], given: Given = frozenset()) -> None:
        """What follows is on one of these ways."""
        self.machine.where = self.before.on(self.number, self.kind, self.site, ways, given)

    def end(self, number: int) -> None:
        """The way has come to its end."""
        self.ways.append((number, self.machine.scope.way(self.mark), self.machine.where))

    def back(self) -> None:
        """Return to the fork."""
        self.machine.scope.leave(self.mark)

    def meet(self) -> None:
        """Go on from all ways; where some ended for good, what follows is known to be on the others."""
        self.back()
        self.machine.scope.meet([way for _, way, _ in self.ways])
        alive = [(number, where) for number, way, where in self.ways if not way.dead]
        after = self.before
        if len(alive) < len(self.ways):
            own = [arm for _, where in alive for arm in where.arms if arm.fork == self.number]
            given = frozenset.intersection(*(arm.given for arm in own)) if own else frozenset()
            after = after.on(self.number, self.kind, self.site, [number for number, _ in alive], given)
        for arm in sorted(self._known(alive), key=lambda it: it.fork):
            after = after.also(arm)
        self.machine.where = after

    def _known(self, alive: Sequence[tuple[int, Where]]) -> list[Arm]:
        """What is known of the forks inside the ways; not of a body whose handler goes on as well."""
        found = []
        for number, where in alive:
            if number == DONE and len(alive) > 1:
                continue
            for arm in where.arms:
                if arm.fork <= self.number:
                    break
                found.append(arm)
        return found


def _takes_all(case: SgNode) -> bool:
    """Whether the case is `case _:` or `case name:` without a condition."""
    inner = [it for it in case.named_children() if it.kind() in ("case_pattern", "if_clause")]
    if len(inner) != 1:
        return False
    text = inner[0].text()
    return text.isidentifier()


def _bound(pattern: SgNode) -> list[str]:
    """The names that a pattern binds: a lone name, `*rest`, `… as name`; not a class or the name of a keyword."""
    found = []
    for it in pattern.named_children():
        kind, inner = it.kind(), it.named_children()
        if kind == "dotted_name":
            found += [it.text()] if len(inner) == 1 else []
        elif kind in ("as_pattern", "splat_pattern"):
            found += [inner[-1].text()] if inner else []
            found += _bound(it) if kind == "as_pattern" else []
        elif kind == "class_pattern":
            found += [name for part in inner if part.kind() == "case_pattern" for name in _bound(part)]
        else:
            found += _bound(it)
    return found
