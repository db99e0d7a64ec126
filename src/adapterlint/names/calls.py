"""Calls: library calls by what knowledge says of them, local functions and classes by running them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapterlint.knowledge.calls import KEEPING, RETURNS_SELF, UNWRAPS, function, method
from adapterlint.knowledge.models import TUNER, TUNER_METHODS
from adapterlint.knowledge.sentence_transformers import TRUSTED
from adapterlint.names import texts
from adapterlint.names.acts import Argument
from adapterlint.names.displays import elements
from adapterlint.names.expressions import HERE_NAMES
from adapterlint.names.known import Known
from adapterlint.names.objects import (
    NOTHING,
    UNKNOWN,
    Function,
    Items,
    LocalClass,
    Method,
    Object,
    Partial,
    Symbol,
    Text,
    Unknown,
    join,
    not_none,
    qualified,
)

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.names.objects import Site, Value, Values

_BY_NAME = frozenset({"builtins.getattr", "builtins.hasattr", "builtins.setattr"})
_LISTS = frozenset({"builtins.list", "builtins.tuple", "builtins.sorted", "builtins.set", "builtins.reversed",
                    "builtins.iter"})  # fmt: skip


class Calls(Known):
    """Evaluation of calls."""

    def call(self, node: SgNode) -> Values:
        """What the call may return."""
        callee, listed = node.field("function"), node.field("arguments")
        if callee is None or listed is None:
            return UNKNOWN
        targets = self.evaluate(callee)
        methods = [it for it in targets if isinstance(it, Method)]
        if methods:  # the method may have been taken from its object long before
            self.happen(tuple(it.object for it in methods), "member", methods[0].name, self.site(node))
        if listed.kind() != "argument_list":  # a generator expression as the only argument
            self.evaluate(listed)
            return UNKNOWN
        arguments = tuple(self._argument(it) for it in listed.named_children() if it.kind() != "comment")
        site, found = self.site(node), []
        for value in not_none(targets):
            self.calling = node  # a local function that is entered makes calls of its own
            found.append(self._called(value, callee.text(), arguments, site))
        self.callee = targets
        return join(*found) or UNKNOWN

    def _argument(self, node: SgNode) -> Argument:
        value, name = node, None
        if node.kind() == "keyword_argument":
            named, given = node.field("name"), node.field("value")
            value, name = given or node, named.text() if named else None
        splat = node.kind() in ("list_splat", "dictionary_splat")
        return Argument(name, name is not None, self.site(value), self.evaluate(value), splat)

    def _called(self, value: Value, text: str, arguments: tuple[Argument, ...], site: Site) -> Values:
        if isinstance(value, Function):
            return self.enter(value, arguments, text, site)
        if isinstance(value, LocalClass):
            return self.instance(value, arguments, text, site)
        if isinstance(value, Method):
            return self._method(value, arguments, site)
        if isinstance(value, Symbol):
            return self._library(value.name, arguments, site)
        if isinstance(value, Partial):
            given = (*value.arguments, *arguments)
            return join(*(self._called(it, text, given, site) for it in not_none(value.callee))) or UNKNOWN
        if isinstance(value, Object):
            self.happen((value,), "member", "__call__", site)
            done = method(value.classes, "__call__")
            if done is not None:
                return self.known(*done, value, arguments, site)
        self.passed(arguments, text, site)
        return UNKNOWN

    def passed(self, arguments: tuple[Argument, ...], callee: str, site: Site) -> None:
        """Arguments go to a callee that is not seen, which may keep them or put something into a container."""
        last = callee.rpartition(".")[2]
        trusted = callee.split(".")[0] in TRUSTED
        for argument in arguments:
            self.happen(argument.values, "passed", callee, site)
            if last in KEEPING or last[:1].isupper():
                self.happen(argument.values, "kept", callee, site)
            for value in argument.values:
                if isinstance(value, Items) and not trusted:
                    value.open = True

    def _library(self, name: str, arguments: tuple[Argument, ...], site: Site) -> Values:
        known = function(name)
        if known is not None:
            return self.known(name, known, None, arguments, site)
        if name == "functools.partial" and arguments and not arguments[0].keyword:
            return (Partial(arguments[0].values, arguments[1:]),)
        self.acted(name, "", arguments, site)
        self.passed(arguments, name, site)
        given = [argument.values for argument in arguments]
        made = texts.called(name, given)
        if made is None and name == "builtins.dict" and all(it.keyword for it in arguments):
            return (Items(tuple(given), tuple((Text(it.name or ""),) for it in arguments), exact=True),)
        return made if made is not None else self._builtin(name, given, site)

    def _builtin(self, name: str, given: list[Values], site: Site) -> Values:
        if name in _LISTS and given:
            return (Items((elements(given[0]),)),)
        if name == "builtins.enumerate" and given:
            return (Items(((Items((UNKNOWN, elements(given[0]))),),)),)
        if name == "builtins.zip":
            return (Items(((Items(tuple(elements(it) for it in given)),),)),)
        if name in _BY_NAME and len(given) > 1 and isinstance(given[1][0], Text):
            return self._by_name(name, given, given[1][0].value, site)
        if name in ("builtins.globals", "builtins.locals"):
            return (Symbol(HERE_NAMES),)
        if name in ("builtins.eval", "builtins.exec"):
            self.dynamic.append(name)
        return UNKNOWN

    def _by_name(self, name: str, given: list[Values], attribute: str, site: Site) -> Values:
        """`getattr`, `hasattr` and `setattr` with the attribute written out."""
        if name == "builtins.setattr":
            for value in given[0]:
                self.scope.heap.set((value, attribute), given[2] if len(given) > 2 else UNKNOWN)
            return NOTHING
        self.happen(given[0], "member", attribute, site)
        if name == "builtins.hasattr":
            return UNKNOWN
        return join(*(self.member(value, attribute, site) for value in given[0]), *given[2:])

    def _method(self, value: Method, arguments: tuple[Argument, ...], site: Site) -> Values:
        inner = value.object.parts.get("self", ())
        if inner and isinstance(inner[0], Text):
            return texts.method(inner[0], value.name, [it.values for it in arguments])
        if inner and isinstance(inner[0], Items):
            for it in arguments:
                self.happen(it.values, "kept", value.name, it.site)
            return _of_items(inner[0], value.name, [it.values for it in arguments])
        if value.object.is_a(TUNER):
            return self._of_tuner(value, arguments, site)
        done = method(value.object.classes, value.name)
        if done is not None:
            return self.known(*done, value.object, arguments, site)
        name = next(iter(qualified(value)), value.name)
        self.acted(name, "", arguments, site).subject = (value.object,)
        self.passed(arguments, name, site)
        if value.name in RETURNS_SELF:
            return (value.object,)
        step = f".{value.name}()"
        if step in UNWRAPS and not value.object.wraps:
            return UNKNOWN
        return self.part(value.object, step, site) or UNKNOWN

    def _of_tuner(self, value: Method, arguments: tuple[Argument, ...], site: Site) -> Values:
        """A method of a PeftModel's tuner: the PeftModel's own, or one of the base."""
        own = value.name in TUNER_METHODS
        bases = [it for it in (value.object.of if own else value.object.wraps) if isinstance(it, Object)]
        return join(*(self._method(Method(it, value.name), arguments, site) for it in bases)) or UNKNOWN

    def instance(self, value: LocalClass, arguments: tuple[Argument, ...], text: str, site: Site) -> Values:
        """A new object of a class of this source, after its `__init__`."""
        made = self.born((f"local.{value.name}", *value.bases), site)
        made.local = value
        value.instances.append(made)
        if "__init__" in value.methods:
            init = value.methods["__init__"]
            self.enter(init.of(made), arguments, text, site)
        else:
            self.passed(arguments, text, site)
            self.filled(made, arguments)
            self.constructed(made, arguments)
        return (made,) if value.certain else (made, *UNKNOWN)


def _of_items(items: Items, name: str, arguments: list[Values]) -> Values:
    if name in ("append", "add") and arguments:
        items.add(arguments[0])
        return NOTHING
    if name == "setdefault" and len(arguments) > 1:
        items.put(*arguments[:2])
        return join(*items.elements)
    if name not in ("values", "keys", "items", "get", "copy", "index", "count", "sort", "reverse"):
        items.open = True
    if items.open:
        return UNKNOWN
    if name == "values":
        return (Items(items.elements),)
    if name == "keys":
        return (Items(items.keys),)
    if name == "items":
        return (Items(tuple((Items(pair),) for pair in zip(items.keys, items.elements, strict=False))),)
    if name == "get" and arguments:
        if any(isinstance(it, Unknown) for it in arguments[0]):
            return join(*items.elements, *(arguments[1:] or [NOTHING]))
        hits = [it for key, it in zip(items.keys, items.elements, strict=False) if set(key) & set(arguments[0])]
        default = arguments[1] if len(arguments) > 1 else NOTHING
        return join(*hits) if hits else default
    return UNKNOWN
