"""Names in force at a point of the run: nested scopes, with a trail by which the run forks, goes back and meets again.

What was bound since a mark is known from the trail alone, so that a branch costs what it changes and not what there is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from adapterlint.names.objects import UNKNOWN, Values, join


class History:
    """The bindings since the outermost open mark, and all that is bound while a `try` is run; one for the source."""

    __slots__ = ("count", "logs", "marks", "trail")

    def __init__(self) -> None:
        self.trail: list[tuple[Table, Any, Values | None]] = []
        self.marks = 0
        self.count = 0
        self.logs: list[Log] = []

    def forget(self) -> None:
        """Close all marks: what is bound now is what goes on."""
        self.trail.clear()
        self.logs.clear()
        self.marks = 0


class Table:
    """Names or attributes and what they hold. `outer` is where a name is looked up that is not bound here."""

    __slots__ = ("entries", "history", "numbers", "outer")

    def __init__(self, history: History, outer: Table | None = None) -> None:
        self.entries: dict[Any, Values] = {}
        self.numbers: dict[Any, int] = {}
        self.history = history
        self.outer = outer

    def set(self, key: object, values: Values) -> None:
        """Bind the key from here on."""
        history = self.history
        history.count += 1
        self.numbers[key] = history.count
        if history.marks:
            history.trail.append((self, key, self.entries.get(key)))
            if history.logs:
                history.logs[-1].setdefault((self, key), []).append(values)
        self.entries[key] = values

    def beyond(self, key: object) -> Values:
        """What the key holds further out, () where nothing is bound to it."""
        outer = self.outer
        while outer is not None:
            if key in outer.entries:
                return outer.entries[key]
            outer = outer.outer
        return ()


class Way:
    """What one way through a fork has bound since the mark; `dead` where no run comes out of it."""

    __slots__ = ("bound", "dead")

    def __init__(self, bound: dict[tuple[Table, Any], Values], dead: bool) -> None:
        self.bound = bound
        self.dead = dead


class Scope:
    """One function's (or the module's) names. `dead` means that no run gets here: after return, raise, break.

    `heap` holds the attributes of objects, one for the whole source.
    """

    def __init__(self, parent: Scope | None = None, *, like: Scope | None = None) -> None:
        """A scope inside `parent`, or that of another module, which shares history and heap with `like`."""
        near = parent or like
        self.parent = parent
        self.history: History = near.history if near is not None else History()
        self.table: Table = Table(self.history, parent.table if parent is not None else None)
        self.heap: Table = near.heap if near is not None else Table(self.history)
        self.globals: set[str] = set()
        self.nonlocals: set[str] = set()
        self.dead = False

    @property
    def names(self) -> dict[Any, Values]:
        """What the names of this scope alone hold; to be read only."""
        return self.table.entries

    @property
    def module(self) -> Scope:
        """The outermost scope."""
        return self if self.parent is None else self.parent.module

    def get(self, name: str) -> Values | None:
        """What the name may hold, looked up outwards; None where no assignment was seen."""
        if name in self.globals or name in self.nonlocals:
            home = self.home(name)
            if home is not self:
                return home.get(name)
        table: Table | None = self.table
        while table is not None:
            found = table.entries.get(name)
            if found is not None:
                return found
            table = table.outer
        return None

    def bound(self, name: str) -> int:
        """The number of the binding that the name has here, another one where it was bound anew; 0 for none."""
        table: Table | None = self.table
        while table is not None and name not in table.entries:
            table = table.outer
        return table.numbers[name] if table is not None else 0

    def home(self, name: str) -> Scope:
        """The scope that an assignment to the name here binds it in."""
        if name in self.globals:
            return self.module
        outer = self.parent
        while name in self.nonlocals and outer is not None and outer.parent is not None:
            if name in outer.names:
                return outer
            outer = outer.parent
        return self

    def set(self, name: str, values: Values) -> None:
        """Bind the name here, or where `global` or `nonlocal` say that it lives."""
        self.home(name).table.set(name, values)

    def mark(self) -> int:
        """The point to come back to; `meet` or `close` ends it."""
        self.history.marks += 1
        return len(self.history.trail)

    def way(self, mark: int) -> Way:
        """What was bound since the mark, on the way that the run came."""
        trail = self.history.trail
        return Way({(table, key): table.entries[key] for table, key, _ in trail[mark:]}, self.dead)

    def leave(self, mark: int) -> Way:
        """The way since the mark; the run is back at the mark afterwards, and alive."""
        way, trail = self.way(mark), self.history.trail
        while len(trail) > mark:
            table, key, old = trail.pop()
            if old is None:
                table.entries.pop(key, None)
            else:
                table.entries[key] = old
        self.dead = False
        return way

    def meet(self, ways: Iterable[Way]) -> None:
        """Go on, from the mark that all ways left, as whichever of them a run took; ends the mark.

        A name bound on only some ways may be unbound: there the run fails or sees the outer one.
        """
        self.history.marks -= 1
        alive = [way.bound for way in ways if not way.dead]
        self.dead = not alive
        met: dict[tuple[Table, Any], list[Values]] = {}
        for bound in alive:
            for it, values in bound.items():
                met.setdefault(it, []).append(values)
        for (table, key), many in met.items():
            if len(many) < len(alive):
                many.insert(0, table.entries.get(key) or table.beyond(key))
            table.set(key, join(*many) or UNKNOWN)
        self._tidy()

    def close(self) -> None:
        """End a mark without going back to it."""
        self.history.marks -= 1
        self._tidy()

    def _tidy(self) -> None:
        if not self.history.marks:
            self.history.trail.clear()

    def take(self, way: Way) -> None:
        """Go on as the way does, from the mark that it left."""
        for (table, key), values in way.bound.items():
            table.set(key, values)
        self.dead = way.dead

    def watch(self) -> None:
        """From here on keep all that is bound, since any statement may fail; `unwatch` ends it."""
        self.history.logs.append({})

    def unwatch(self) -> Log:
        """What was bound since `watch`."""
        logs = self.history.logs
        log = logs.pop()
        if logs:
            for it, many in log.items():
                logs[-1].setdefault(it, []).extend(many)
        return log

    def failed(self, log: Log) -> Way:
        """The run that failed somewhere in what was watched, seen from the mark before it."""
        bound = {}
        for (table, key), many in log.items():
            bound[table, key] = join(table.entries.get(key) or table.beyond(key), *many)
        return Way(bound, False)


Log = dict[tuple[Table, Any], list[Values]]
