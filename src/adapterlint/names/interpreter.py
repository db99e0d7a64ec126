"""Running a whole source: its cells in document order, then the functions nothing called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapterlint.names.deferred import Deferred
from adapterlint.names.where import Where

if TYPE_CHECKING:
    from adapterlint.artifacts.source import Source
    from adapterlint.names.objects import Function


class Interpreter(Deferred):
    """Definitions and flow over all cells of a source."""

    def source(self, source: Source) -> None:
        """Run the source. A function that no statement calls is run for itself, its parameters unknown."""
        if self.modules is not None:
            for name, path in self.modules.imported(self.path, source.text).items():
                if self.modules.matter(path):
                    self.heat(name)
        self.cells(source.cells)
        self.define_what_matters()
        entered = set(self.entered)
        for self.silent in (True, False):  # what one of them assigns to a global or to `self` is there for all others
            self.entered = set(entered)
            self._uncalled()

    def afresh(self) -> None:
        """Go on at the level of the module, whatever was being run."""
        self.scope = self.scope.module
        self.scope.dead = False
        self.scope.history.forget()
        self.where = Where()
        self.again, self.depth, self.nested = True, 0, 0
        for stack in (self.returned, self.exits, self.jumps, self.unseen, self.yielded, self.running):
            stack.clear()

    def _uncalled(self) -> None:
        """Run what nothing called: first what is nowhere called in the source, since it may call the rest.

        One function may assign a model to what others read: so until none is left that matters.
        """
        for made, instance in self.classes:
            instance.local = made
        before = -1
        while before != len(self.entered):
            before = len(self.entered)
            for last in (False, True):
                self._round(last)

    def _round(self, last: bool) -> None:
        for made, instance in self.classes:
            owner = made.instances[-1] if made.instances else instance
            for it in sorted(made.methods.values(), key=lambda it: it.name != "__init__"):
                first = {"static": None, "class": made}.get(it.kind, owner)
                self._alone(it.of(first), last)
        for function in self.functions:  # grows while functions define others
            self._alone(function, last)

    def _alone(self, function: Function, last: bool) -> None:
        if function.site in self.entered or (function.site in self.called and not last):
            return
        if self.matters(function):
            self.alone(function)
