"""Running a whole source: its cells in document order, then the functions nothing called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapterlint.names.flow import Flow
from adapterlint.names.objects import Function

if TYPE_CHECKING:
    from adapterlint.artifacts.source import Source


class Interpreter(Flow):
    """Flow over all cells of a source."""

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
        for made, instance in self.classes:
            instance.local = made
            owner = made.instances[-1] if made.instances else instance
            for function in sorted(made.methods.values(), key=lambda it: it.name != "__init__"):
                if function.site not in self.entered:
                    self.run(Function(function.node, function.site, function.scope, function.name, owner), None)
        for function in list(self.functions):
            if function.site not in self.entered:
                self.run(function, None)
