"""Names in force at a point of the run: nested scopes, copied where the flow forks and joined where it meets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from adapterlint.names.objects import UNKNOWN, Values, join


class Table:
    """Names or attributes and what they hold, shared with the states it was forked into until it is written to."""

    __slots__ = ("_shared", "entries")

    def __init__(self) -> None:
        self.entries: dict[Any, Values] = {}
        self._shared = False

    def set(self, key: object, values: Values) -> None:
        """Bind the key from here on, not in the states forked before."""
        if self._shared:
            self.entries, self._shared = dict(self.entries), False
        self.entries[key] = values

    def fork(self) -> dict[Any, Values]:
        """The entries as they are now."""
        self._shared = True
        return self.entries

    def back(self, entries: dict[Any, Values]) -> None:
        """Return to entries taken by `fork`."""
        self.entries, self._shared = entries, True


class Scope:
    """One function's (or the module's) names. `dead` means that no run gets here: after return, raise, break.

    `heap` holds the attributes of objects, one for the whole source; a state covers it and the enclosing scopes too,
    because a branch may assign to `self.model` or to a global as well as to a local name.
    """

    def __init__(self, parent: Scope | None = None) -> None:
        self.parent = parent
        self.table = Table()
        self.heap: Table = parent.heap if parent is not None else Table()
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
        home = self.home(name)
        if name in home.names:
            return home.names[name]
        return home.parent.get(name) if home.parent is not None else None

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

    def _tables(self) -> list[Table]:
        """The tables a state covers, outermost first."""
        found, scope = [self.table], self.parent
        while scope is not None:
            found.append(scope.table)
            scope = scope.parent
        return [self.heap, *reversed(found)]

    def fork(self) -> State:
        """The state to come back to."""
        return tuple(table.fork() for table in self._tables()), self.dead

    def back(self, state: State) -> None:
        """Return to a state taken by `fork`."""
        for table, entries in zip(self._tables(), state[0], strict=True):
            table.back(entries)
        self.dead = state[1]

    def meet(self, states: Iterable[State]) -> None:
        """Go on from whichever of the states the run came through. A name bound in only some may also be unbound."""
        alive = [tables for tables, dead in states if not dead]
        self.dead = not alive
        if not alive:
            return
        outer: list[dict[Any, Values]] = []
        for table, ways in zip(self._tables(), zip(*alive, strict=True), strict=True):
            different = list({id(way): way for way in ways}.values())
            table.back(different[0] if len(different) == 1 else _met(different, outer))
            if table is not self.heap:
                outer.insert(0, table.entries)


def _met(ways: list[dict[Any, Values]], outer: list[dict[Any, Values]]) -> dict[Any, Values]:
    """The entries of all ways; one without the name fails there or sees the outer one, so only that is possible."""
    first = ways[0]
    found = dict(first)
    differ = {key: None for way in ways[1:] for key, values in first.items() if way.get(key) is not values}
    for key in {**differ, **{key: None for way in ways[1:] for key in way if key not in first}}:
        beyond = next((entries[key] for entries in outer if key in entries), ())
        found[key] = join(*(way.get(key) or beyond for way in ways)) or UNKNOWN
    return found


State = tuple[tuple[dict[Any, Values], ...], bool]
