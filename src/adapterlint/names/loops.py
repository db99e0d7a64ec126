"""Loops: walked twice, since the second turn sees what the first left behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from adapterlint.names.branches import Branches
from adapterlint.names.displays import elements
from adapterlint.names.objects import UNKNOWN, Items
from adapterlint.names.scope import Way

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.names.objects import Values

Turn = Callable[[], None]


class Jumps:
    """The ways out of a loop's body: `again` to its next turn, seen from the turn's mark; `out`, from the loop's."""

    __slots__ = ("again", "loop", "out", "turn")

    def __init__(self, loop: int) -> None:
        self.loop = self.turn = loop
        self.again: list[Way] = []
        self.out: list[Way] = []


class Loops(Branches):
    """Execution of loops. Inside the second turn of one, another takes one turn: the cost stays linear."""

    def _do_for_statement(self, node: SgNode) -> None:
        left, right = node.field("left"), node.field("right")
        over = self.evaluate(right) if right is not None else UNKNOWN
        values = elements(over)

        def turn() -> None:
            if left is not None:
                self.bind(left, values)

        least, most = _lengths(over)
        if most:
            self._loop(node, turn, most, [] if least else [Way({}, False)])

    def _do_while_statement(self, node: SgNode) -> None:
        condition = node.field("condition")
        endless = condition is not None and condition.text().strip("() ") in ("True", "1")

        def turn() -> None:
            if condition is not None:
                self.evaluate(condition)
                self.assume(condition, True)

        def over() -> None:
            self.assume(condition, False)
            self.scope.dead = self.scope.dead or endless

        self._loop(node, turn, 2, [] if endless else [Way({}, False)], over)

    def _loop(self, node: SgNode, turn: Turn, most: int, skipped: list[Way], over: Turn | None = None) -> None:
        """Walk the body. `skipped` is the way that takes no turn, if there is one; `over` what the end of it says."""
        before, again, site = self.where, self.again, self.site(node)
        body, jumps = node.field("body"), Jumps(self.scope.mark())
        self.jumps.append(jumps)
        for number in range(min(most, 2 if again else 1)):
            self.again = again and not number
            self.where = before._replace(turns=(*before.turns, (site, number)))
            jumps.turn, jumps.again = self.scope.mark(), []
            turn()
            if body is not None and not self.scope.dead:
                self.block(body)
            self.scope.meet([self.scope.leave(jumps.turn), *jumps.again])
            if self.scope.dead:
                break
        self.again = again
        self.jumps.pop()
        self.where = before
        ended = self.scope.leave(jumps.loop)
        self.scope.mark()
        self.scope.meet([ended, *skipped])
        if over is not None and not self.scope.dead:
            over()
        for it in node.field_children("alternative"):
            inner = it.field("body")
            if inner is not None and not self.scope.dead:
                self.block(inner)
        self.where = before
        self.scope.meet([self.scope.leave(jumps.loop), *jumps.out])

    def _do_break_statement(self, node: SgNode) -> None:
        if self.jumps:
            self.jumps[-1].out.append(self.scope.way(self.jumps[-1].loop))
        self.scope.dead = True

    def _do_continue_statement(self, node: SgNode) -> None:
        if self.jumps:
            self.jumps[-1].again.append(self.scope.way(self.jumps[-1].turn))
        self.scope.dead = True


def _lengths(over: Values) -> tuple[int, int]:
    """How many turns a loop over the values takes, at least and at most; two stand for more."""
    least, most = 2, 0
    for value in over:
        known = isinstance(value, Items) and value.exact and not value.open
        number = len(value.keys or value.elements) if known and isinstance(value, Items) else 0
        least, most = min(least, number), max(most, number if known else 2)
    return least, min(most, 2)
