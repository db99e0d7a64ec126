"""What a name holds and what happened to it, cell after cell.

PEFT changes models in place, so what matters is which object a name holds. The source is run abstractly, once, when
something is first asked of it: names point at objects, library knowledge says what a call does to them, and each
effect is an event on the object, in order.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from adapterlint.knowledge.calls import METHODS, PRETRAINED
from adapterlint.model import Load
from adapterlint.names import paths
from adapterlint.names.machine import MOST_STEPS, Wrap
from adapterlint.names.objects import UNKNOWN, Object, Site, Text, Values, is_none, qualified

if TYPE_CHECKING:
    from adapterlint.artifacts.source import Source
    from adapterlint.model import Span
    from adapterlint.names.interpreter import Interpreter

__all__ = ["Names", "Object", "Site", "Text", "Values", "Wrap"]


class Names:
    """The names of one source. Cheap to make: nothing is run before the first question."""

    def __init__(self, source: Source) -> None:
        self._source = source

    @cached_property
    def _run(self) -> Interpreter:
        from adapterlint.names.interpreter import Interpreter

        interpreter = Interpreter()
        interpreter.source(self._source)
        return interpreter

    def site(self, cell: int | None, span: Span) -> Site:
        """The place of an expression; `cell` is the index of the cell in the notebook, None in a script."""
        return Site(self._position[cell], span.start, span.end)

    @cached_property
    def _position(self) -> dict[int | None, int]:
        return {cell.index: number for number, cell in enumerate(self._source.cells)}

    def values(self, cell: int | None, span: Span) -> Values:
        """What the expression may be, over all runs that get there; unknown for one no run gets to."""
        return self._run.values.get(self.site(cell, span), UNKNOWN)

    def named(self, cell: int | None, span: Span) -> set[str] | None:
        """The library names the expression stands for, by any of its possibilities; None if it may be another."""
        found: set[str] = set()
        for value in self.values(cell, span):
            if not is_none(value) and not qualified(value):
                return None
            found.update(qualified(value))
        return found

    def wrap(self, cell: int | None, span: Span) -> Wrap | None:
        """What the call did, if it puts adapter layers around an object."""
        return self._run.wraps.get(self.site(cell, span))

    @property
    def unfollowed(self) -> str:
        """Why uses of an object may have stayed unseen all over the source, "" where nothing is known to."""
        if self._run.steps > MOST_STEPS:
            return "the source is longer than is followed to its end"
        if self._run.dynamic:
            return "names are read by globals(), locals(), eval or exec, which is not followed"
        return ""

    def folders(self, values: Values) -> list[str]:
        """The folders on disk that texts among the values name, as a run of this source would find them."""
        found = [paths.on_disk(value.value, self._source.path) for value in values if isinstance(value, Text)]
        return [path for path in dict.fromkeys(found) if path is not None]

    def loads(self) -> Iterator[Load]:
        """The loads of adapters found on disk: the folder and the class of the object it is put around."""
        installs = tuple(line.requirement for line in self._source.pip_lines)
        for wrap in self._run.wraps.values():
            classes = {name for it in wrap.subject if isinstance(it, Object) for name in it.classes}
            if wrap.call in METHODS:  # a SentenceTransformer hands its own load on to the inner transformer
                classes = {PRETRAINED}
            for folder in self.folders(wrap.adapter):
                for name in sorted(classes):
                    yield Load(self._source.path, folder, name, wrap.call, installs)
