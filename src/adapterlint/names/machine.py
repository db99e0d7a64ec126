"""The state of the interpreter: scope, history and what has been learnt so far."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adapterlint.knowledge.calls import KEEPING
from adapterlint.names.acts import Argument, Event
from adapterlint.names.objects import (
    UNKNOWN,
    Function,
    Items,
    LocalClass,
    Method,
    Object,
    Partial,
    Site,
    Symbol,
    join,
    objects_in,
)
from adapterlint.names.scope import Scope
from adapterlint.names.where import Where

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.names.acts import Act
    from adapterlint.names.loops import Jumps
    from adapterlint.names.objects import Value, Values
    from adapterlint.names.scope import Way

DEEPEST = 4  # calls of local functions entered one inside another
MOST_STEPS = 200_000  # statements run and expressions evaluated before the rest of a source stays unknown
MOST_NESTED = 100  # expressions inside one another
MOST_WRITTEN = 1000  # elements of a list or dictionary written out
#: Events that happen to what is inside a container or behind a bound method as well.
_INWARD = frozenset({"passed", "returned", "stored", "kept"})
#: Events that say under which name or attribute a value is found again.
_BINDS = frozenset({"bound", "kept"})


def _makers(value: Value) -> list[str]:
    """What leads from the value to a model: the local class or function of the name, "" if it is one itself."""
    if isinstance(value, Function | LocalClass):
        return [value.name]
    if isinstance(value, Partial):
        given = (*value.callee, *(it for argument in value.arguments for it in argument.values))
        return [name for it in given for name in ([""] if isinstance(it, Symbol) else _makers(it))]
    return [it.local.name if it.local is not None and len(it.classes) == 1 else "" for it in objects_in((value,))]


@dataclass(eq=False, slots=True)
class Wrap:
    """A call that puts adapter layers into an object in place, with all it was seen with in the course of the run."""

    call: str
    site: Site
    order: int
    arguments: tuple[Argument, ...]
    subject: Values = ()
    adapter: Values = ()
    results: list[Object] = field(default_factory=list)

    def argument(self, name: str) -> Argument | None:
        """The argument that fills the parameter."""
        return next((it for it in self.arguments if it.name == name), None)


class Machine(ABC):
    """What the parts of the interpreter share."""

    def __init__(self) -> None:
        self.scope = Scope()
        self.cell = 0
        self.values: dict[Site, Values] = {}
        self.wraps: dict[Site, Wrap] = {}
        self.acts: list[Act] = []
        self.objects: list[Object] = []
        self.calling: SgNode | None = None
        self.functions: list[Function] = []
        self.classes: list[tuple[LocalClass, Object]] = []
        self.entered: set[Site] = set()
        self.called: set[Site] = set()
        self.stars: list[str] = []
        self.returned: list[Values] = []
        self.exits: list[tuple[int, list[Way]]] = []  # for each function being run, its mark and the ways it returned
        self.jumps: list[Jumps] = []  # for each loop, the ways it was left or taken up again
        self.again = True  # whether loops take a second turn
        self.where = Where()
        self.forks = 0
        self.callee: Values = ()  # what the call evaluated last called
        self.unseen: list[bool] = []  # for each function being run, whether nothing in the source calls it
        self.depth = 0
        self.order = 0
        self.steps = 0
        self.nested = 0
        self.silent = False  # while a first look at the functions that nothing calls only gathers what they assign
        self.unseen_since: int | None = None  # the order at which the function being run for itself was entered
        self._looked: dict[tuple[Site, tuple[str, ...]], list[Object]] = {}  # what the silent first look made
        self.adapts = False  # whether anything was seen that has to do with an adapter
        self.hot: set[str] = set()  # words that may stand for a model; the rest of the source need not be run
        self.bindings: set[tuple[str, str]] = set()  # names bound since, and the local function or class they are of
        self.dynamic: list[str] = []  # how names are read that are not written as names

    def site(self, node: SgNode) -> Site:
        """Where the node stands."""
        span = node.range()
        return Site(self.cell, span.start.index, span.end.index)

    def happen(
        self, values: Values, kind: str, detail: str, site: Site, act: Act | None = None, *, again: bool = False
    ) -> None:
        """Record an event on every object among the values."""
        self.order += 1
        if values is UNKNOWN:
            return
        if kind in _BINDS and detail not in self.hot and detail not in KEEPING:
            self.bindings.update((detail, maker) for it in values for maker in _makers(it))
        if self.silent:
            return
        if kind in _INWARD:
            behind = any(isinstance(it, Items | Method | Partial) for it in values)
            values = tuple(objects_in(values)) if behind else values
        for value in values:
            if isinstance(value, Object):
                value.events.append(Event(kind, detail, site, self.order, self.where, values, act, again))

    def born(self, classes: tuple[str, ...], site: Site, made: Act | None = None) -> Object:
        """A new object of the given classes, or the one that the silent first look made here."""
        self.order += 1
        looked = self._looked.get((site, classes)) if not self.silent else None
        found = looked.pop(0) if looked else Object(classes, site, self.order)
        if self.silent:
            self._looked.setdefault((site, classes), []).append(found)
        else:
            self.objects.append(found)
        found.order, found.made, found.parts = self.order, made, {}
        return found

    def forget_stored(self) -> None:
        """Let nothing that was silently stored on a library object be there before it is stored again."""
        looked = {it for made in self._looked.values() for it in made if it.local is None}
        entries = self.scope.heap.entries
        for key in [it for it in entries if it[0] in looked]:
            del entries[key]

    def forget_looks(self) -> None:
        """Let no object of what was run silently come back."""
        self._looked.clear()

    def learn(self, site: Site, values: Values) -> Values:
        """Keep what the expression may be, whichever way the run comes through."""
        if self.silent:
            return values
        held = self.values.get(site)
        self.values[site] = values if held is None or held is values else join(held, values)
        return values

    @abstractmethod
    def evaluate(self, node: SgNode) -> Values:
        """What the expression may be. Implemented by Expressions."""

    @abstractmethod
    def call(self, node: SgNode) -> Values:
        """What the call may return. Implemented by Calls."""

    @abstractmethod
    def passed(self, arguments: tuple[Argument, ...], callee: str, site: Site) -> None:
        """Arguments go to a callee that is not seen. Implemented by Calls."""

    @abstractmethod
    def run(self, function: Function, arguments: tuple[Argument, ...] | None) -> Values:
        """Run a local function. Implemented by Calls."""

    @abstractmethod
    def member(self, value: Value, name: str, site: Site) -> Values:
        """What an attribute of the value may be. Implemented by Expressions."""

    @abstractmethod
    def block(self, node: SgNode) -> None:
        """Run the statements of a block. Implemented by Flow."""

    @abstractmethod
    def bind(self, target: SgNode, values: Values) -> None:
        """Bind an assignment target. Implemented by Flow."""


def parameters(node: SgNode) -> list[tuple[str, SgNode | None, SgNode | None]]:
    """Name, annotation and default of each parameter of a function or lambda, in order; `*` and `**` keep theirs."""
    found: list[tuple[str, SgNode | None, SgNode | None]] = []
    listed = node.field("parameters")
    for it in listed.named_children() if listed is not None else ():
        kind = it.kind()
        if kind == "identifier":
            found.append((it.text(), None, None))
        elif kind in ("default_parameter", "typed_default_parameter"):
            name = it.field("name")
            found.append((name.text() if name else "", it.field("type"), it.field("value")))
        elif kind == "typed_parameter":
            found.append((it.named_children()[0].text(), it.field("type"), None))
        elif kind in ("list_splat_pattern", "dictionary_splat_pattern"):
            found.append((it.text(), None, None))
    return found


def of_keywords(arguments: tuple[Argument, ...]) -> Mapping[str, Values]:
    """The keyword arguments by name."""
    return {it.name: it.values for it in arguments if it.keyword and it.name}


__all__ = ["DEEPEST", "MOST_STEPS", "UNKNOWN", "Argument", "Machine", "Wrap", "of_keywords", "parameters"]
