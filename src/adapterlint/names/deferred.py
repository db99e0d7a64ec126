"""What need not be run: statements and functions that can do nothing to a model.

A statement that mentions no name that may hold a model, no library that makes one and no local function that does is
put off. It is run after all once a statement that is run mentions a name it may bind, or when it is asked about.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from adapterlint.knowledge.calls import ADAPTING, ADAPTING_MODULES, CLASSES, instances_of
from adapterlint.knowledge.calls import function as function_of
from adapterlint.names.chunks import (
    ADAPTS,
    AT_ONCE,
    DEFINED,
    DEFINES,
    IMPORTS,
    LIBRARIES,
    MARK,
    NAME,
    Chunk,
    words_of,
)
from adapterlint.names.definitions import Definitions
from adapterlint.names.objects import Symbol
from adapterlint.names.scope import Way

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ast_grep_py import SgNode

    from adapterlint.artifacts.source import Cell
    from adapterlint.names.objects import Function, Site


class Deferred(Definitions):
    """Running what may matter, and the rest on demand."""

    def __init__(self) -> None:
        super().__init__()
        self._cells: list[Cell] = []
        self._bodies: dict[str, frozenset[str]] = {}  # names in the local functions and classes of a name
        self._mentions: dict[str, list[str]] = {}  # word -> names of what mentions it, or was made by it
        self._waiting: dict[int, dict[Chunk, None]] = {}  # cell -> what is put off in it, in document order
        self._binders: dict[str, list[Chunk]] = {}
        self._words: dict[Site, frozenset[str]] = {}
        self._adapting: set[str] = set()  # names that library calls which have to do with adapters are imported by
        self.hot.add(MARK)

    @abstractmethod
    def afresh(self) -> None:
        """Go on at the level of the module, whatever was being run. Implemented by Interpreter."""

    def cells(self, cells: Iterable[Cell]) -> None:
        """Run the cells in document order."""
        for number, cell in enumerate(cells):
            self._cells.append(cell)
            whole = Chunk(number, 0, len(cell.masked), cell.masked)
            if whole.words.isdisjoint(self.hot):
                for name in DEFINED.findall(cell.masked):
                    self._define(name, whole.words, whole.names)
                self._put_off(whole)
                continue
            self.cell = number
            self.afresh()  # a cell runs although another one stopped
            try:
                for chunk in self._statements(whole):
                    if self.scope.dead:
                        break
                    self._top(chunk)
            except RecursionError:  # nested deeper than any person writes: what it does stays unknown
                continue
        self.afresh()

    def _statements(self, whole: Chunk) -> Iterator[Chunk]:
        cell = self._cells[whole.cell]
        for node in cell.root().named_children():
            if node.kind() != "comment":
                span = node.range()
                start, end = span.start.index, span.end.index
                chunk = Chunk(whole.cell, start, end, cell.masked[start:end], node)
                if node.kind() in DEFINES:
                    name = (node.field("definition") or node).field("name")
                    chunk.binds = frozenset((name.text(),)) if name is not None else chunk.names
                yield chunk

    def _defined(self, chunk: Chunk, node: SgNode) -> None:
        """Count in a definition: a function with all in it, a class without its methods, each of which is by itself."""
        node = node.field("definition") or node
        name, body = node.field("name"), node.field("body")
        if name is None or body is None:
            return
        text, own = self._cells[chunk.cell].masked, [(chunk.start, chunk.end)]
        for it in body.named_children() if node.kind() == "class_definition" else ():
            method = (it.field("definition") or it).field("name") if it.kind() in DEFINES else None
            if method is not None and not method.text().startswith("__"):
                span = it.range()
                part = text[span.start.index : span.end.index]
                self._define(method.text(), words_of(part), frozenset(NAME.findall(part)))
                own[-1:] = [(own[-1][0], span.start.index), (span.end.index, chunk.end)]
        rest = "\n".join(text[start:end] for start, end in own)
        self._define(name.text(), words_of(rest), frozenset(NAME.findall(rest)))

    def _top(self, chunk: Chunk) -> None:
        assert chunk.node is not None
        if chunk.node.kind() in DEFINES:
            self._defined(chunk, chunk.node)
        if chunk.node.kind() in AT_ONCE or not chunk.words.isdisjoint(self.hot):
            self._run(chunk)
        else:
            self._put_off(chunk)

    def _put_off(self, chunk: Chunk) -> None:
        self._waiting.setdefault(chunk.cell, {})[chunk] = None
        for name in chunk.binds:
            self._binders.setdefault(name, []).append(chunk)

    def _define(self, name: str, words: frozenset[str], names: frozenset[str]) -> None:
        """What is mentioned in a function or class of the name."""
        self._bodies[name] = self._bodies.get(name, frozenset()) | names
        for word in words:
            self._mentions.setdefault(word, []).append(name)
        if not words.isdisjoint(self.hot):
            self.heat(name)

    def heat(self, word: str) -> None:
        """From here on the word may stand for a model, or for what does something to one."""
        waiting = [word]
        while waiting:
            word = waiting.pop()
            if word not in self.hot:
                self.hot.add(word)
                waiting += self._mentions.pop(word, ())

    def _warm(self) -> None:
        """Count in the names that were bound to something since."""
        for name, maker in self.bindings:
            if not maker or maker in self.hot:
                self.heat(name)
            else:
                self._mentions.setdefault(maker, []).append(name)
        self.bindings.clear()

    def _run(self, chunk: Chunk) -> None:
        """Run the statement, after all put off before that it may need."""
        for it in (*self._needed(chunk), chunk):
            if it.node is None:
                continue
            cell, self.cell = self.cell, it.cell
            self.steps += 1
            self.statement(it.node)
            self.cell = cell
            if "import" in it.words:
                self._imported(it)
            self._warm()

    def _needed(self, chunk: Chunk) -> list[Chunk]:
        """What is put off and may bind a name that the statement mentions, or that is needed for that in turn."""
        found: list[Chunk] = []
        if chunk.node is not None and chunk.node.kind() in IMPORTS:
            return found
        seen: set[str] = set()
        names = list(chunk.names)
        while names and self._waiting:
            name = names.pop()
            if name in seen:
                continue
            seen.add(name)
            names += self._bodies.get(name, ())
            waiting = self._binders.pop(name, [])
            while waiting:
                it = waiting.pop()
                if it not in self._waiting.get(it.cell, ()):
                    continue
                self._take(it)
                if it.node is None:
                    parts = list(self._statements(it))
                    for part in parts:
                        self._put_off(part)
                    waiting += [part for part in parts if not part.binds.isdisjoint(seen)]
                else:
                    found.append(it)
                    names += it.names
        return sorted(found, key=lambda it: it.place)

    def _take(self, chunk: Chunk) -> None:
        waiting = self._waiting[chunk.cell]
        del waiting[chunk]
        if not waiting:
            del self._waiting[chunk.cell]

    def _imported(self, chunk: Chunk) -> None:
        """Heat the names under which a statement imports what makes models."""
        for name in chunk.names:
            for value in self.scope.get(name) or ():
                if isinstance(value, Symbol) and _leads(value.name):
                    self.heat(name)
                    if value.name.startswith(ADAPTING) or value.name in ADAPTING_MODULES:
                        self._adapting.add(name)
        for library in self.stars:
            for name in CLASSES.get(library, ()):
                self.heat(name)

    def define_what_matters(self) -> None:
        """Define the functions put off that may do something to a model after all."""
        for cell in list(self._waiting):
            for chunk in list(self._waiting.get(cell, ())):
                if chunk.node is None and any(name in self.hot for name in DEFINED.findall(self._cells[cell].masked)):
                    self._take(chunk)
                    for part in self._statements(chunk):
                        self._put_off(part)
            for chunk in list(self._waiting.get(cell, ())):
                if chunk.node is not None and chunk.node.kind() in DEFINES and not chunk.words.isdisjoint(self.hot):
                    self._take(chunk)
                    self._run(chunk)

    def matters(self, function: Function) -> bool:
        """Whether the function may do something to a model, as far as is known by now."""
        self._warm()
        site = function.site
        if site.cell >= len(self._cells):  # of another file, which is looked at on its own
            return False
        if site not in self._words:
            cell = self.foreign[site.cell][1] if site.cell in self.foreign else self._cells[site.cell]
            self._words[site] = words_of(cell.masked[site.start : site.end])
        return not self._words[site].isdisjoint(self.hot)

    def speaks(self, function: Function) -> bool:
        """Whether the function mentions adapters, and so may do something with one."""
        if not self.matters(function):
            return False
        site = function.site
        text = self._cells[site.cell].masked
        return bool(ADAPTS.search(text, site.start, site.end)) or not self._words[site].isdisjoint(self._adapting)

    def awaken(self, site: Site) -> bool:
        """Run what was put off at the site, if anything was."""
        self.afresh()
        for chunk in list(self._waiting.get(site.cell, ())):
            if chunk.node is None:
                self._take(chunk)
                for part in self._statements(chunk):
                    self._put_off(part)
        around = [it for it in self._waiting.get(site.cell, ()) if it.start <= site.start and site.end <= it.end]
        for chunk in around:
            self._take(chunk)
            self._run(chunk)
        asleep = [it for it in self.functions if it.site not in self.entered and _inside(site, it.site)]
        for function in sorted(asleep, key=lambda it: it.site.start):
            if function.site not in self.entered:
                self.afresh()
                self.alone(function)
        return bool(around or asleep)

    def alone(self, function: Function) -> None:
        """Run a function that nothing called, which may happen or not, once or often."""
        mark, self.unseen_since = self.scope.mark(), self.order
        try:
            self.run(function, None)
            self.scope.meet([Way({}, False), self.scope.leave(mark)])
        except RecursionError:
            self.afresh()
        self.unseen_since = None


def _inside(site: Site, other: Site) -> bool:
    return site.cell == other.cell and other.start <= site.start and site.end <= other.end


def _leads(name: str) -> bool:
    """Whether the library name is that of something that makes or changes models, or of a module that has such."""
    if "." not in name:
        return name in LIBRARIES
    return bool(function_of(name) or function_of(f"{name}.from_pretrained") or instances_of(name))
