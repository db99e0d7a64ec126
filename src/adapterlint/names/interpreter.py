"""Running a whole source: its cells in document order, then the functions nothing called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapterlint.names.deferred import Deferred
from adapterlint.names.where import Where

if TYPE_CHECKING:
    from adapterlint.artifacts.source import Source
    from adapterlint.names.objects import Function, Site


class Interpreter(Deferred):
    """Definitions and flow over all cells of a source."""

    finished = False

    def source(self, source: Source) -> None:
        """Run the source. A function that no statement calls is run for itself, its parameters unknown."""
        if self.modules is not None:
            for name, path in self.modules.imported(self.path, source.text).items():
                if self.modules.matter(path):
                    self.heat(name)
                    self.adapts = True
        self.cells(source.cells)
        self.define_what_matters()
        if not self.adapts:
            self._probe()
        if self.adapts:  # else what the rest does to models concerns no adapter: it is run where it is asked about
            self._finish()

    def _finish(self) -> None:
        """Run what nothing calls, as far as it matters."""
        self.finished = True
        entered = set(self.entered)
        for self.silent in (True, False):  # what one of them assigns to a global or to `self` is there for all others
            self.entered = set(entered)
            if not self.silent:
                self.forget_stored()
            self._uncalled()

    def awaken(self, site: Site) -> bool:
        """Run what was put off at the site, if anything was."""
        if not self.finished:
            self.afresh()
            self._finish()
            if site in self.values:
                return True
        return super().awaken(site)

    def afresh(self) -> None:
        """Go on at the level of the module, whatever was being run."""
        self.scope = self.scope.module
        self.scope.dead = False
        self.scope.history.forget()
        self.where = Where()
        self.again, self.depth, self.nested = True, 0, 0
        for stack in (self.returned, self.exits, self.jumps, self.unseen, self.yielded, self.running):
            stack.clear()

    def _probe(self) -> None:
        """Look whether a function that speaks of adapters does something with one; nothing of it is kept."""
        known = set(self.entered), set(self.called), len(self.functions), len(self.classes)
        mark, self.silent = self.scope.mark(), True
        for function in self.functions:  # grows while functions define others
            if not self.adapts and function.site not in self.entered and self.speaks(function):
                self.alone(function)
        if self.scope.history.marks:  # else a failure has closed all marks
            self.scope.leave(mark)
            self.scope.close()
        self.silent = False
        self.entered, self.called = known[:2]
        del self.functions[known[2] :], self.classes[known[3] :]
        self.forget_looks()

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
