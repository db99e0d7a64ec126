"""Names in force at a point of the run: nested scopes, copied where the flow forks and joined where it meets."""

from __future__ import annotations

from collections.abc import Iterable

from adapterlint.names.objects import UNKNOWN, Values, join


class Scope:
    """One function's (or the module's) names. `dead` means that no run gets here: after return, raise, break."""

    def __init__(self, parent: Scope | None = None) -> None:
        self.parent = parent
        self.names: dict[str, Values] = {}
        self.globals: set[str] = set()
        self.dead = False

    @property
    def module(self) -> Scope:
        """The outermost scope."""
        return self if self.parent is None else self.parent.module

    def get(self, name: str) -> Values | None:
        """What the name may hold, looked up outwards; None where no assignment was seen."""
        if name in self.names:
            return self.names[name]
        return self.parent.get(name) if self.parent is not None else None

    def set(self, name: str, values: Values) -> None:
        """Bind the name here, or in the module if it was declared global."""
        (self.module if name in self.globals else self).names[name] = values

    def fork(self) -> State:
        """The state to come back to."""
        return dict(self.names), self.dead

    def back(self, state: State) -> None:
        """Return to a state taken by `fork`."""
        self.names, self.dead = dict(state[0]), state[1]

    def meet(self, states: Iterable[State]) -> None:
        """Go on from whichever of the states the run came through. A name bound in only some may also be unbound."""
        alive = [names for names, dead in states if not dead]
        self.dead = not alive
        if alive:
            keys = {key: None for names in alive for key in names}
            self.names = {key: self._met(key, alive) for key in keys}

    def _met(self, key: str, alive: list[dict[str, Values]]) -> Values:
        outer = self.parent.get(key) if self.parent is not None else None
        # A branch without the name either fails there or sees the outer one: only the outer one is a possibility.
        return join(*(names.get(key, outer or ()) for names in alive)) or UNKNOWN


State = tuple[dict[str, Values], bool]
