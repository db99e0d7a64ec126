"""Running a whole source: its cells in document order, then the functions nothing called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapterlint.names.definitions import Definitions
from adapterlint.names.objects import Function

if TYPE_CHECKING:
    from adapterlint.artifacts.source import Source


class Interpreter(Definitions):
    """Definitions and flow over all cells of a source."""

    def source(self, source: Source) -> None:
        """Run the source. A function that no statement calls is run for itself, its parameters unknown."""
        for number, cell in enumerate(source.cells):
            self.cell = number
            self.scope.dead = False  # a cell runs although another one stopped
            try:
                self.block(cell.root())
            except RecursionError:  # nested deeper than any person writes: what it does stays unknown
                self.depth = 0
        self.scope.dead = False
        entered = set(self.entered)
        for self.silent in (True, False):  # what one of them assigns to a global or to `self` is there for all others
            self.entered = set(entered)
            self._uncalled()

    def _uncalled(self) -> None:
        """Run what nothing called: first what is nowhere called in the source, since it may call the rest."""
        for made, instance in self.classes:
            instance.local = made
        for last in (False, True):
            for made, instance in self.classes:
                owner = made.instances[-1] if made.instances else instance
                for it in sorted(made.methods.values(), key=lambda it: it.name != "__init__"):
                    first = {"static": None, "class": made}.get(it.kind, owner)
                    self._alone(Function(it.node, it.site, it.scope, it.name, first), last)
            for function in self.functions:  # grows while functions define others
                self._alone(function, last)

    def _alone(self, function: Function, last: bool) -> None:
        """Run a function that nothing called, which may happen or not, once or often."""
        if function.site in self.entered or (function.site in self.called and not last):
            return
        before, self.unseen_since = self.scope.fork(), self.order
        try:
            self.run(function, None)
        except RecursionError:
            self.depth = 0
        self.unseen_since = None
        self.scope.meet([before, self.scope.fork()])
