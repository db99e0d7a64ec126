"""What need not be run: statements and functions that can do nothing to a model.

A statement that mentions no name that may hold a model, no library that makes one and no local function that does is
put off. It is run after all once a statement that is run mentions a name it may bind, or when it is asked about.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from adapterlint.knowledge.calls import CLASSES, function, instances_of
from adapterlint.names.definitions import Definitions
from adapterlint.names.objects import Function, Symbol
from adapterlint.names.scope import Way

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ast_grep_py import SgNode

    from adapterlint.artifacts.source import Cell
    from adapterlint.names.objects import Site

_WORD = re.compile(r"[^\W\d]\w*")
_NAME = re.compile(r"(?<![\w.])[^\W\d]\w*")
_DEFINES = frozenset({"function_definition", "class_definition", "decorated_definition"})
_IMPORTS = frozenset({"import_statement", "import_from_statement", "future_import_statement"})
#: Always run: what defines names, and what may end a cell.
_AT_ONCE = _DEFINES | _IMPORTS | {"raise_statement", "return_statement", "global_statement", "ERROR"}
#: Libraries of which any name may lead to a model.
_LIBRARIES = frozenset({"peft", "trl", "unsloth", "transformers", "sentence_transformers", "adapters", "accelerate"})
#: What makes models by names that are bound right here, or reads names that are not written.
_SPEAKS = re.compile(
    rf"\b(?:from|import)\s+(?:{'|'.join(sorted(_LIBRARIES))}|mteb|lm_eval)\b"
    r"|(?<![\w.])(?:globals|locals|eval|exec|vars)\s*\(|\btorch\.load\b|\bload_file\b|\b__dict__\b"
)
_MARK = ""  # the word that every text which speaks so has


def _words(text: str) -> frozenset[str]:
    found = _WORD.findall(text)
    return frozenset((*found, _MARK) if _SPEAKS.search(text) else found)


class Chunk:
    """A statement at the top of a cell. `words` are all in it, `names` those that no dot stands before."""

    __slots__ = ("cell", "names", "node", "number", "site", "words")

    def __init__(self, number: int, cell: int, node: SgNode, site: Site, text: str) -> None:
        self.number, self.cell, self.node, self.site = number, cell, node, site
        self.words = _words(text)
        self.names = frozenset(_NAME.findall(text)) if "." in text else self.words


class Deferred(Definitions):
    """Running what may matter, and the rest on demand."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.bodies: dict[str, frozenset[str]] = {}  # words of the local functions and classes of a name
        self._mentions: dict[str, list[str]] = {}  # word -> functions and classes that mention it
        self._waiting: dict[int, Chunk] = {}
        self._binders: dict[str, list[Chunk]] = {}
        self._words: dict[Site, frozenset[str]] = {}
        self._chunks = 0
        self.hot.add(_MARK)

    def cells(self, cells: Iterable[Cell]) -> None:
        """Run the cells in document order."""
        for number, cell in enumerate(cells):
            self.cell = number
            self.texts.append(cell.masked)
            self.afresh()  # a cell runs although another one stopped
            try:
                for node in cell.root().named_children():
                    if self.scope.dead:
                        break
                    self._top(node)
            except RecursionError:  # nested deeper than any person writes: what it does stays unknown
                continue
        self.afresh()

    def afresh(self) -> None:
        """Go on at the level of the module, whatever was being run. Implemented by Interpreter."""
        raise NotImplementedError

    def _top(self, node: SgNode) -> None:
        kind = node.kind()
        if kind == "comment":
            return
        site = self.site(node)
        self._chunks += 1
        chunk = Chunk(self._chunks, self.cell, node, site, self.texts[self.cell][site.start : site.end])
        if kind in _DEFINES:
            self._define(node, chunk.words)
        if kind in _AT_ONCE or not chunk.words.isdisjoint(self.hot):
            self._run(chunk)
        else:
            self._waiting[chunk.number] = chunk
            for name in chunk.names:
                self._binders.setdefault(name, []).append(chunk)

    def _define(self, node: SgNode, words: frozenset[str]) -> None:
        inner = node.field("definition") or node
        name = inner.field("name")
        if name is None:
            return
        self.bodies[name.text()] = self.bodies.get(name.text(), frozenset()) | words
        for word in words:
            self._mentions.setdefault(word, []).append(name.text())
        if not words.isdisjoint(self.hot):
            self.heat(name.text())

    def heat(self, word: str) -> None:
        """From here on the word may stand for a model, or for what does something to one."""
        waiting = [word]
        while waiting:
            word = waiting.pop()
            if word not in self.hot:
                self.hot.add(word)
                waiting += self._mentions.get(word, ())

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
            self._waiting.pop(it.number, None)
            cell, self.cell = self.cell, it.cell
            self.steps += 1
            self.statement(it.node)
            self.cell = cell
            if "import" in it.words:
                self._imported(it)
            self._warm()

    def _needed(self, chunk: Chunk) -> list[Chunk]:
        if chunk.node.kind() in _DEFINES | _IMPORTS or not self._waiting:
            return []
        found: dict[int, Chunk] = {}
        seen: set[str] = set()
        names = list(chunk.names)
        while names:
            name = names.pop()
            if name in seen:
                continue
            seen.add(name)
            names += self.bodies.get(name, ())
            for it in self._binders.pop(name, ()):
                if it.number in self._waiting and it.number not in found:
                    found[it.number] = it
                    names += it.names
        return [found[number] for number in sorted(found)]

    def _imported(self, chunk: Chunk) -> None:
        """Heat the names under which a statement imports what makes models."""
        for name in chunk.names:
            for value in self.scope.get(name) or ():
                if isinstance(value, Symbol) and _leads(value.name):
                    self.heat(name)
        for library in self.stars:
            for name in CLASSES.get(library, ()):
                self.heat(name)

    def words(self, site: Site) -> frozenset[str]:
        """The words of a function."""
        if site not in self._words:
            self._words[site] = _words(self.texts[site.cell][site.start : site.end])
        return self._words[site]

    def matters(self, function: Function) -> bool:
        """Whether the function may do something to a model, as far as is known by now."""
        self._warm()
        return not self.words(function.site).isdisjoint(self.hot)

    def awaken(self, site: Site) -> bool:
        """Run what was put off at the site, if anything was."""
        around = [it for it in self._waiting.values() if _inside(site, it.site)]
        for chunk in around:
            self.afresh()
            self._run(chunk)
        asleep = [it for it in self.functions if it.site not in self.entered and _inside(site, it.site)]
        for it in sorted(asleep, key=lambda it: it.site.start):
            if it.site not in self.entered:
                self.afresh()
                self.alone(it)
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
        return name in _LIBRARIES
    return bool(function(name) or function(f"{name}.from_pretrained") or instances_of(name))
