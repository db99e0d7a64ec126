"""Calls: library calls by what knowledge says of them, local functions and classes by running them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapterlint.knowledge.calls import CALLS, METHODS, RETURNS_SELF, UNWRAPS, Call
from adapterlint.names import texts
from adapterlint.names.expressions import Expressions, elements
from adapterlint.names.machine import DEEPEST, Argument, Wrap, parameters
from adapterlint.names.objects import (
    NOTHING,
    UNKNOWN,
    Constant,
    Function,
    Items,
    LocalClass,
    Method,
    Object,
    Site,
    Symbol,
    Text,
    Value,
    Values,
    join,
    not_none,
    qualified,
)
from adapterlint.names.scope import Scope

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_LISTS = frozenset({"builtins.list", "builtins.tuple", "builtins.sorted", "builtins.set", "builtins.reversed",
                    "builtins.iter"})  # fmt: skip


class Calls(Expressions):
    """Evaluation of calls."""

    def call(self, node: SgNode) -> Values:
        """What the call may return."""
        function, listed = node.field("function"), node.field("arguments")
        if function is None or listed is None:
            return UNKNOWN
        targets = self.evaluate(function)
        if listed.kind() != "argument_list":  # a generator expression as the only argument
            self.evaluate(listed)
            return UNKNOWN
        arguments = tuple(self._argument(it) for it in listed.named_children() if it.kind() != "comment")
        site = self.site(node)
        return join(*(self._called(value, function.text(), arguments, site) for value in not_none(targets))) or UNKNOWN

    def _argument(self, node: SgNode) -> Argument:
        value, name = node, None
        if node.kind() == "keyword_argument":
            named, given = node.field("name"), node.field("value")
            value, name = given or node, named.text() if named else None
        splat = node.kind() in ("list_splat", "dictionary_splat")
        return Argument(name, name is not None, self.site(value), self.evaluate(value), splat)

    def _called(self, value: Value, text: str, arguments: tuple[Argument, ...], site: Site) -> Values:
        if isinstance(value, Function):
            return self._enter(value, arguments, text, site)
        if isinstance(value, LocalClass):
            return self.instance(value, arguments, text, site)
        if isinstance(value, Method):
            return self._method(value, arguments, site)
        if isinstance(value, Symbol):
            return self._library(value.name, arguments, site)
        self._passed(arguments, text, site)
        return UNKNOWN

    def _passed(self, arguments: tuple[Argument, ...], callee: str, site: Site) -> None:
        for argument in arguments:
            self.happen(argument.values, "passed", callee, site)

    def _library(self, name: str, arguments: tuple[Argument, ...], site: Site) -> Values:
        known = CALLS.get(name)
        if known is not None:
            return self._known(name, known, None, arguments, site)
        self._passed(arguments, name, site)
        given = [argument.values for argument in arguments]
        made = texts.called(name, given)
        if made is not None:
            return made
        if name in _LISTS and given:
            return (Items((elements(given[0]),)),)
        if name == "builtins.enumerate" and given:
            return (Items(((Items((UNKNOWN, elements(given[0]))),),)),)
        if name == "builtins.zip":
            return (Items(((Items(tuple(elements(it) for it in given)),),)),)
        if name == "builtins.getattr" and len(given) > 1 and isinstance(given[1][0], Text):
            return join(*(self.member(value, given[1][0].value, site) for value in given[0]))
        return UNKNOWN

    def _known(
        self, name: str, known: Call, owner: Object | None, arguments: tuple[Argument, ...], site: Site
    ) -> Values:
        arguments = _named(arguments, known.parameters)
        result = self.born((known.returns,), site) if known.returns else None
        subject = next((it for it in arguments if it.name == known.wraps), None) if known.wraps else None
        for argument in arguments:
            if argument is not subject:
                self.happen(argument.values, "passed", name, site)
        if known.wraps:
            wrapped: Values = (owner,) if owner is not None else subject.values if subject else UNKNOWN
            self._wrapped(name, known, wrapped, result, arguments, site)
        return (result,) if result is not None else UNKNOWN

    def _wrapped(
        self,
        name: str,
        known: Call,
        subject: Values,
        result: Object | None,
        arguments: tuple[Argument, ...],
        site: Site,
    ) -> None:
        self.happen(subject, "wrapped", name, site)
        if result is not None:
            result.wraps = subject
        wrap = self.wraps.setdefault(site, Wrap(name, site, self.order, arguments))
        adapter = next((it.values for it in arguments if it.name == known.adapter), ())
        wrap.subject = join(wrap.subject, subject)
        wrap.adapter = join(wrap.adapter, adapter)
        wrap.results += [result] if result is not None else []

    def _method(self, value: Method, arguments: tuple[Argument, ...], site: Site) -> Values:
        inner = value.object.parts.get("self", ())
        if inner and isinstance(inner[0], Text):
            return texts.method(inner[0], value.name, [it.values for it in arguments])
        if inner and isinstance(inner[0], Items):
            return _of_items(inner[0], value.name, [it.values for it in arguments])
        for name in qualified(value):
            if name in METHODS:
                return self._known(name, METHODS[name], value.object, arguments, site)
        self._passed(arguments, next(iter(qualified(value)), value.name), site)
        if value.name in RETURNS_SELF:
            return (value.object,)
        step = f".{value.name}()"
        if step in UNWRAPS and not value.object.wraps:
            return UNKNOWN
        return self.part(value.object, step, site) or UNKNOWN

    def instance(self, value: LocalClass, arguments: tuple[Argument, ...], text: str, site: Site) -> Values:
        """A new object of a class of this source, after its `__init__`."""
        made = self.born((f"local.{value.name}", *value.bases), site)
        made.local = value
        value.instances.append(made)
        if "__init__" in value.methods:
            init = value.methods["__init__"]
            self._enter(Function(init.node, init.site, init.scope, init.name, made), arguments, text, site)
        else:
            self._passed(arguments, text, site)
        return (made,) if value.certain else (made, *UNKNOWN)

    def _enter(self, function: Function, arguments: tuple[Argument, ...], text: str, site: Site) -> Values:
        if self.depth >= DEEPEST:
            self._passed(arguments, text, site)
            return UNKNOWN
        return self.run(function, arguments)

    def run(self, function: Function, arguments: tuple[Argument, ...] | None) -> Values:
        """Run a local function. Without arguments its parameters are what their annotations say, else unknown."""
        self.entered.add(function.site)
        outer, cell = self.scope, self.cell
        self.scope, self.cell = Scope(function.scope), function.site.cell
        self.depth += 1
        self.returned.append(())
        self.unseen.append(arguments is None)
        self._bind_parameters(function, arguments)
        body = function.node.field("body")
        if body is not None and function.node.kind() == "lambda":
            self.returned[-1] = self.evaluate(body)
        elif body is not None:
            self.block(body)
            if not self.scope.dead:
                self.returned[-1] = join(self.returned[-1], NOTHING)
        result = self.returned.pop()
        self.unseen.pop()
        self.depth -= 1
        self.scope, self.cell = outer, cell
        return result or UNKNOWN

    def _bind_parameters(self, function: Function, arguments: tuple[Argument, ...] | None) -> None:
        listed = parameters(function.node)
        if function.owner is not None and listed:
            self.scope.set(listed.pop(0)[0], (function.owner,))
        given = _named(arguments or (), tuple(name for name, _, _ in listed if not name.startswith("*")))
        by_name = {it.name: it.values for it in given if it.name}
        loose = arguments is None or any(it.splat for it in given)
        for name, annotation, default in listed:
            if name in by_name:
                self.scope.set(name, by_name[name])
            elif default is not None and not loose:
                self.scope.set(name, self.evaluate(default))
            else:
                self.scope.set(name.lstrip("*"), self._annotated(annotation, function))

    def _annotated(self, annotation: SgNode | None, function: Function) -> Values:
        if annotation is None:
            return UNKNOWN
        named = annotation.named_children()
        values = self.evaluate(named[0]) if named else UNKNOWN
        site = self.site(annotation)
        found: list[Values] = []
        for value in values:
            if isinstance(value, Symbol) and value.name in CALLS:
                found.append((self.born((value.name,), site),))
            elif isinstance(value, LocalClass) and value.certain:
                found.append((self.born((f"local.{value.name}", *value.bases), site),))
            else:
                found.append(UNKNOWN)
        return join(*found)


def _named(arguments: tuple[Argument, ...], names: tuple[str, ...]) -> tuple[Argument, ...]:
    """The arguments with the parameter each positional one fills; after a `*splat` none is known."""
    found: list[Argument] = []
    position = 0
    for it in arguments:
        if not it.keyword and not it.splat and 0 <= position < len(names):
            it = Argument(names[position], False, it.site, it.values)
            position += 1
        elif it.splat:
            position = -1
        found.append(it)
    return tuple(found)


def _of_items(items: Items, name: str, arguments: list[Values]) -> Values:
    if name == "values":
        return (Items(items.elements),)
    if name == "keys":
        return (Items(items.keys),)
    if name == "items":
        return (Items(tuple((Items(pair),) for pair in zip(items.keys, items.elements, strict=False))),)
    if name == "get" and arguments:
        hits = [it for key, it in zip(items.keys, items.elements, strict=False) if set(key) & set(arguments[0])]
        default = arguments[1] if len(arguments) > 1 else (Constant("None"),)
        return join(*hits) if hits else default
    return UNKNOWN
