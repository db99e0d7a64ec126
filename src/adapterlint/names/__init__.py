"""What a name holds and what happened to it, cell after cell.

PEFT changes models in place, so what matters is which object a name holds. The source is run abstractly, once, when
something is first asked of it: names point at objects, library knowledge says what a call does to them, and each
effect is an event on the object, in order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING

from adapterlint.knowledge.calls import METHODS, PRETRAINED
from adapterlint.model import Load
from adapterlint.names import paths
from adapterlint.names.acts import Act, Event
from adapterlint.names.history import History, base_name, literal
from adapterlint.names.machine import MOST_STEPS, Wrap
from adapterlint.names.objects import UNKNOWN, Object, Site, Text, Values, is_none, qualified

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.artifacts.source import Cell, Source
    from adapterlint.model import Edit, Place, Span
    from adapterlint.names.interpreter import Interpreter
    from adapterlint.names.modules import Modules

__all__ = [
    "Act",
    "Event",
    "History",
    "Names",
    "Object",
    "Site",
    "Text",
    "Values",
    "Wrap",
    "base_name",
    "literal",
]


class Names:
    """The names of one source. Cheap to make: nothing is run before the first question."""

    def __init__(self, source: Source, modules: Modules | None = None) -> None:
        """The names of `source`, which may import `modules`, the other files of the run."""
        self._source = source
        self._modules = modules
        self._path = source.path
        self._found: tuple[int, dict[tuple[int, int], list[int]]] = (0, {})

    @cached_property
    def _run(self) -> Interpreter:
        from adapterlint.names.interpreter import Interpreter

        interpreter = Interpreter()
        interpreter.modules, interpreter.path = self._modules, self._source.path
        interpreter.source(self._source)
        return interpreter

    def site(self, cell: int | None, span: Span) -> Site:
        """The place of an expression; `cell` is the index of the cell in the notebook, None in a script."""
        return Site(self._position[cell], span.start, span.end)

    @cached_property
    def _position(self) -> dict[int | None, int]:
        return {cell.index: number for number, cell in enumerate(self._source.cells)}

    def files(self) -> Iterator[tuple[Source, Names]]:
        """This source and those it imports, each with the names as seen from it, all in the course of one run."""
        yield self._source, self
        if self._modules is None or not self._modules.imported(self._path, self._source.text):
            return
        sources = {source.path: source for source, _ in self._run.foreign.values()}
        for source in sources.values():
            view = copy(self)
            view._path = source.path
            numbers = {it[1].index: number for number, it in self._run.foreign.items() if it[0] is source}
            view.__dict__["_position"] = numbers
            yield source, view

    def values(self, cell: int | None, span: Span) -> Values:
        """What the expression may be, over all runs that get there; unknown for one no run gets to."""
        site = self.site(cell, span)
        found = self._run.values.get(site)
        if found is None and self._run.awaken(site):
            found = self._run.values.get(site)
        return UNKNOWN if found is None else found

    def at(self, site: Site) -> Values:
        """What the expression at the site may be, over all runs that get there."""
        return self._run.values.get(site, UNKNOWN)

    def named(self, cell: int | None, span: Span) -> set[str] | None:
        """The library names the expression stands for, by any of its possibilities; None if it may be another."""
        found: set[str] = set()
        for value in self.values(cell, span):
            if not is_none(value) and not qualified(value):
                return None
            found.update(qualified(value))
        return found

    def calling(self, wanted: Collection[str]) -> set[int | None]:
        """The cells in which the run came to a call of one of the library functions."""
        numbers = {it.site.cell for it in self._run.acts if it.call in wanted}
        return {index for index, number in self._position.items() if number in numbers}

    def wrap(self, cell: int | None, span: Span) -> Wrap | None:
        """What the call did, if it puts adapter layers around an object."""
        return self._run.wraps.get(self.site(cell, span))

    @cached_property
    def history(self) -> History:
        """Order, shared weights and states of the models of this source."""
        return History(self._run)

    def acts(self, *kinds: str) -> list[Act]:
        """The calls of these kinds (`knowledge.effects`) that the run came through, in order; all if none is named."""
        return [it for it in self._run.acts if not kinds or it.kind in kinds]

    def calls(self, *names: str) -> list[Act]:
        """The calls of these library functions and methods, in order; a method by the class that defines it."""
        return [it for it in self._run.acts if it.call in names]

    def objects(self) -> list[Object]:
        """Every object that the run made, in order."""
        return [it for it in self._run.objects if it.site.cell >= 0]

    def cell(self, site: Site) -> Cell:
        """The cell that the site is in."""
        return self._file(site)[1]

    def _file(self, site: Site) -> tuple[Source, Cell]:
        """The file and the cell that the site is in: most often this source, else one that it imports."""
        foreign = self._run.foreign.get(site.cell)
        return (self._source, self._source.cells[site.cell]) if foreign is None else foreign

    def found(self, node: SgNode) -> Site | None:
        """Where the expression stands, in whichever cell the run came through it."""
        span, text = node.range(), node.text()
        for number in sorted(self._spans.get((span.start.index, span.end.index), ())):
            site = Site(number, span.start.index, span.end.index)
            if self.cell(site).masked[site.start : site.end] == text:
                return site
        return None

    @property
    def _spans(self) -> dict[tuple[int, int], list[int]]:
        """The cells in which the run came through an expression that stands there."""
        size, found = self._found
        if size != len(self._run.values):
            found = {}
            for cell, start, end in self._run.values:
                if cell in self._run.foreign or 0 <= cell < len(self._source.cells):
                    found.setdefault((start, end), []).append(cell)
            self._found = len(self._run.values), found
        return found

    def holds(self, node: SgNode, value: Object) -> bool:
        """Whether the expression may be the object."""
        site = self.found(node)
        return site is not None and value in self._run.values[site]

    def place(self, site: Site, note: str = "") -> Place:
        """The site as the place of a finding."""
        from adapterlint.model import Span

        source, cell = self._file(site)
        return source.place(cell, Span(site.start, site.end), note)

    def edit(self, site: Site, content: str) -> Edit:
        """The edit that puts `content` in the place of the site."""
        from adapterlint.model import Edit, Span

        source, cell = self._file(site)
        return Edit(source.path, cell.index, Span(site.start, site.end), content)

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
        found = [paths.on_disk(value.value, self._path) for value in values if isinstance(value, Text)]
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
