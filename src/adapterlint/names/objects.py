"""What a name can hold: abstract objects with a history, library symbols, texts, local functions, or unknown."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.names.acts import Act, Argument, Event
    from adapterlint.names.scope import Scope
    from adapterlint.names.where import Context

MOST = 64  # possibilities of one name before it is unknown


class Site(NamedTuple):
    """Where an expression stands: the position of its cell among the cells read, and characters of that cell."""

    cell: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """Anything at all."""


@dataclass(frozen=True, slots=True)
class Namespace:
    """Another file of the run, imported as a module."""

    scope: Scope


@dataclass(frozen=True, slots=True)
class Symbol:
    """A module, class or function of a library, by canonical dotted name; `builtins.str` for built-ins."""

    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """A string or path whose characters are known."""

    value: str


@dataclass(frozen=True, slots=True)
class Constant:
    """None, a truth value or a number, as written."""

    text: str


@dataclass(eq=False, slots=True)
class Object:
    """One instance, born at `site`. `classes` are its qualified class and bases, nearest first.

    `wraps` is the object a PeftModel was put around; `parts` its known submodules by step; `of` is the
    model whose weights, parameters or output it is; `foreign` says that it comes from a caller that is not seen;
    `made` is the call it came out of. What is stored on it is on the heap of the scope.
    """

    classes: tuple[str, ...]
    site: Site
    order: int
    wraps: Values = ()
    parts: dict[str, Values] = field(default_factory=dict)
    local: LocalClass | None = None
    foreign: bool = False
    events: list[Event] = field(default_factory=list)
    of: Values = ()
    made: Act | None = None

    def is_a(self, name: str) -> bool:
        """Whether `name` is the object's class or one of its bases."""
        return name in self.classes


@dataclass(frozen=True, slots=True)
class Method:
    """A bound method of an object."""

    object: Object
    name: str


@dataclass(eq=False, slots=True)
class Partial:
    """What `functools.partial` makes: a callee with its first arguments."""

    callee: Values
    arguments: tuple[Argument, ...]


@dataclass(eq=False, slots=True)
class Function:
    """A function or method written in this source; `owner` is bound as its first argument.

    `kind` is what its decorators make of it: "", "static", "class", "property" or "manager" (of a `with`); `kept` says
    that they keep what it returned, `contexts` are those that act like a `with` around its body. `home` is the class
    it is written in.
    """

    node: SgNode
    site: Site
    scope: Scope
    name: str
    owner: Object | LocalClass | None = None
    kind: str = ""
    kept: bool = False
    contexts: tuple[Context, ...] = ()
    home: LocalClass | None = None

    def of(self, owner: Object | LocalClass | None) -> Function:
        """The function with its first argument bound."""
        return replace(self, owner=owner)


@dataclass(eq=False, slots=True)
class LocalClass:
    """A class written in this source. `bases` are qualified names of the classes it derives from.

    `certain` says that all bases are known; `parents` are those of them written in this source; `fields` what its
    annotations name, which a `record` (a dataclass) is made of; `attributes` what its body binds.
    """

    name: str
    bases: tuple[str, ...]
    methods: dict[str, Function]
    certain: bool
    parents: tuple[LocalClass, ...] = ()
    fields: dict[str, Values] = field(default_factory=dict)
    record: bool = False
    instances: list[Object] = field(default_factory=list)
    attributes: dict[str, Values] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Items:
    """A list, tuple, set or dictionary written out: the values of each element, and the literal keys if any.

    What is put in later is one more possibility; `open` says that something unknown may have been put in as well.
    `exact` says that there are as many elements as are listed: written out, and nothing put in since.
    """

    elements: tuple[Values, ...]
    keys: tuple[Values, ...] = ()
    open: bool = False
    exact: bool = False

    def put(self, key: Values, values: Values) -> None:
        """Count in `self[key] = values`."""
        self.exact = False
        hits = [bool(set(it) & set(key)) for it in self.keys]
        if self.keys and any(hits) and not any(isinstance(it, Unknown) for it in key):
            pairs = zip(self.elements, hits, strict=True)
            self.elements = tuple(join(it, values) if hit else it for it, hit in pairs)
        elif len(self.elements) >= MOST:
            self.open = True
        elif not self.elements or self.keys:
            self.elements = (*(join(it, values) for it in self.elements), values)
            self.keys = (*self.keys, key)
        else:
            self.elements = tuple(join(it, values) for it in self.elements)

    def add(self, values: Values) -> None:
        """Count in `self.append(values)`."""
        self.exact = False
        if self.keys or len(self.elements) >= MOST:
            self.open = True
        else:
            self.elements = (*self.elements, values)


Value: TypeAlias = (
    "Unknown | Symbol | Namespace | Text | Constant | Object | Method | Partial | Function | LocalClass | Items"
)
Values: TypeAlias = "tuple[Value, ...]"

UNKNOWN: Values = (Unknown(),)
NOTHING: Values = (Constant("None"),)


def join(*many: Values) -> Values:
    """All possibilities of all, each once, in order; beyond `MOST` the rest is unknown.

    Not so the rest that the same expressions made as what is kept: a load in nested loops makes one object a turn.
    """
    if not many:
        return ()
    first = many[0]
    if len(first) <= MOST and all(values is first or not values for values in many):
        return first
    seen: dict[Any, None] = {}
    for values in many:
        for value in values:
            seen.setdefault(value)
    if len(seen) <= MOST:
        return tuple(seen)
    kept, rest = tuple(seen)[:MOST], tuple(seen)[MOST:]
    made = {(value.site, value.classes) for value in kept if isinstance(value, Object)}
    alike = all(isinstance(value, Object) and (value.site, value.classes) in made for value in rest)
    return kept if alike else (*kept, Unknown())


def is_none(value: Value) -> bool:
    """Whether the value is the constant None."""
    return isinstance(value, Constant) and value.text == "None"


def not_none(values: Values) -> Values:
    """The possibilities with which a run goes on after an attribute, an item or a call of the value."""
    return tuple(value for value in values if not is_none(value))


def objects_in(values: Values, depth: int = 3) -> list[Object]:
    """The objects among the values, those a bound method belongs to and those in containers included."""
    found: list[Object] = []
    for value in values:
        if isinstance(value, Object):
            found.append(value)
        elif isinstance(value, Method):
            found += objects_in(tuple(value.object.parts.get("self", ())) or (value.object,), depth)
        elif isinstance(value, Partial) and depth:
            found += [it for argument in value.arguments for it in objects_in(argument.values, depth - 1)]
        elif isinstance(value, Items) and depth:
            found += [it for element in value.elements for it in objects_in(element, depth - 1)]
    return found


def qualified(value: Value) -> tuple[str, ...]:
    """The library names a value answers to: a symbol's own, a bound method's by each class of its object."""
    if isinstance(value, Symbol):
        return (value.name,)
    if isinstance(value, Method):
        return tuple(f"{name}.{value.name}" for name in value.object.classes)
    return ()
