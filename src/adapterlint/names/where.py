"""Where in the run something happens: the ways taken at each fork, the turns of loops, the functions, the `with`s."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.names.objects import Site, Values

#: What is known to hold: (number of the binding of the name asked, condition as written, whether it came out true).
Given = frozenset[tuple[int, str, bool]]


MOST_ARMS = 64  # arms around a point beyond which no more is remembered of the ways that ended before it


@dataclass(frozen=True, slots=True)
class Arm:
    """The ways still possible at one visit of a fork, and the arm around it.

    `fork` numbers the visits, later ones higher: the same `if` in the next turn of a loop is another fork. `kind` is
    "if", "match" or "try". Of a `try` way 0 is its body, which may have run in part before a handler does, -1 the body
    run to its end, the others are handlers. After an `if` whose body returns, the rest of the block goes on with the
    other way. `given` is what it says of names, `known` that and what the arms around it say; `depth` counts them.
    """

    fork: int
    kind: str
    site: Site
    ways: frozenset[int]
    given: Given = frozenset()
    outer: Arm | None = None
    known: Given = frozenset()
    depth: int = 1

    def outwards(self) -> Iterator[Arm]:
        """This arm and those around it."""
        arm: Arm | None = self
        while arm is not None:
            yield arm
            arm = arm.outer


@dataclass(frozen=True, slots=True)
class Context:
    """One item of a `with` that is being run, or a decorator: the expression, what it calls, and what it gives."""

    site: Site
    callee: Values
    values: Values


class Where(NamedTuple):
    """A point of the run.

    `turns` are (site of the loop, turn from 0), outermost first, comprehensions included; `functions` the functions
    of the source being run, outermost first, and `calls` the calls they were entered by, None where by none; `alone`
    says that the outermost is run for itself because nothing calls it, so that nothing says when or how often.
    """

    arm: Arm | None = None
    turns: tuple[tuple[Site, int], ...] = ()
    functions: tuple[Site, ...] = ()
    calls: tuple[SgNode | None, ...] = ()
    contexts: tuple[Context, ...] = ()
    alone: bool = False

    @property
    def function(self) -> Site | None:
        """The innermost function, None at the level of the module."""
        return self.functions[-1] if self.functions else None

    @property
    def arms(self) -> Iterator[Arm]:
        """The arms, innermost first."""
        return self.arm.outwards() if self.arm is not None else iter(())

    def on(self, fork: int, kind: str, site: Site, ways: Iterable[int], given: Given = frozenset()) -> Where:
        """This point on one of the ways of a fork."""
        outer = self.arm
        if outer is None:
            return self._replace(arm=Arm(fork, kind, site, frozenset(ways), given, None, given))
        known = outer.known | given if given else outer.known
        return self._replace(arm=Arm(fork, kind, site, frozenset(ways), given, outer, known, outer.depth + 1))

    def also(self, arm: Arm) -> Where:
        """This point, knowing of a fork that lies behind what the arm says of it."""
        if self.arm is not None and self.arm.depth >= MOST_ARMS:
            return self
        return self.on(arm.fork, arm.kind, arm.site, arm.ways, arm.given)


def exclusive(one: Where, other: Where) -> bool:
    """Whether no run comes to both points: they are on different ways of one fork, or of two that ask the same."""
    a, b = one.arm, other.arm
    while a is not None and b is not None and a is not b:
        if a.fork == b.fork:
            body = a.kind == "try" and (0 in a.ways or 0 in b.ways)
            if not body and not a.ways & b.ways:
                return True
            a, b = a.outer, b.outer
        elif a.fork > b.fork:
            a = a.outer
        else:
            b = b.outer
    if one.arm is None or other.arm is None or not one.arm.known:
        return False
    known = one.arm.known
    return any((number, text, not truth) in known for number, text, truth in other.arm.known)
