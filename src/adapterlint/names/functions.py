"""Local functions: run with their arguments, or with what the annotations of their parameters say."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from adapterlint.knowledge.calls import CALLS
from adapterlint.names import texts
from adapterlint.names.acts import Argument
from adapterlint.names.displays import elements
from adapterlint.names.expressions import Expressions
from adapterlint.names.machine import DEEPEST
from adapterlint.names.objects import NOTHING, UNKNOWN, Items, LocalClass, Symbol, Text, is_none, join
from adapterlint.names.scope import Scope

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.names.objects import Function, Object, Site, Values


class Functions(Expressions):
    """Entering functions written in the source."""

    def __init__(self) -> None:
        super().__init__()
        self.yielded: list[Values | None] = []  # for each function being run, what it yields; None while it has not

    def enter(self, function: Function, arguments: tuple[Argument, ...], text: str, site: Site) -> Values:
        """Run the function with the arguments; deeper than is worth it they only go somewhere."""
        self.called.add(function.site)
        if self.depth >= DEEPEST:
            self.passed(arguments, text, site)
            return UNKNOWN
        if not function.kept:
            return self.run(function, arguments)
        key = (function.site, *(it.values for it in arguments))
        held = self.scope.heap.entries.get(key)
        if held is None:
            held = self.run(function, arguments)
            self.scope.heap.set(key, held)
        return held

    def run(self, function: Function, arguments: tuple[Argument, ...] | None) -> Values:
        """Run a local function. Without arguments its parameters are what their annotations say, else unknown."""
        self.entered.add(function.site)
        outer = self.scope, self.cell, self.jumps, self.where
        self.scope, self.cell, self.jumps = Scope(function.scope), function.site.cell, []
        self.depth += 1
        where = self.where
        self.where = where._replace(
            functions=(*where.functions, function.site),
            calls=(*where.calls, None if arguments is None or function.kind == "property" else self.calling),
            contexts=(*where.contexts, *function.contexts),
            alone=where.alone or arguments is None,
        )
        self.running.append(function)
        self.returned.append(())
        self.yielded.append(None)
        self.unseen.append(arguments is None)
        self.exits.append((self.scope.mark(), []))
        self._bind_parameters(function, arguments)
        result = self._body(function)
        mark, ways = self.exits.pop()
        self.scope.meet([self.scope.leave(mark), *ways])
        self.unseen.pop()
        self.running.pop()
        self.depth -= 1
        self.scope, self.cell, self.jumps, self.where = outer
        return result

    def _body(self, function: Function) -> Values:
        """Run the body; what it returns, or for a generator the elements it yields."""
        body = function.node.field("body")
        if body is not None and function.node.kind() == "lambda":
            self.returned[-1] = self.evaluate(body)
        elif body is not None:
            self.block(body)
            if not self.scope.dead:
                self.returned[-1] = join(self.returned[-1], NOTHING)
        result, yielded = self.returned.pop(), self.yielded.pop()
        return (Items((yielded,)),) if yielded is not None else result or UNKNOWN

    def _yield(self, node: SgNode) -> Values:
        values = join(*(self.evaluate(it) for it in node.named_children())) or NOTHING
        if any(it.kind() == "from" for it in node.children()):
            values = elements(values)
        if self.yielded:
            self.yielded[-1] = join(self.yielded[-1] or (), values)
        if self.unseen and self.unseen[-1]:
            self.happen(values, "returned", "", self.site(node))
        return UNKNOWN

    def _bind_parameters(self, function: Function, arguments: tuple[Argument, ...] | None) -> None:
        listed = parameters(function.node)
        if function.owner is not None and listed:
            self.scope.set(listed.pop(0).name, (function.owner,))
        given = by_parameter(arguments or (), tuple(it.name for it in listed if it.kind == ""))
        by_name = {it.name: it.values for it in given if it.name}
        loose = arguments is None or any(it.splat and it.name is None for it in given)
        for it in listed:
            if it.kind == "*":
                rest = tuple(each.values for each in given if each.name is None)
                self.scope.set(it.name, UNKNOWN if loose else (Items(rest),))
            elif it.kind == "**":
                named = {key: values for key, values in by_name.items() if all(key != each.name for each in listed)}
                keys = tuple((Text(key),) for key in named)
                self.scope.set(it.name, UNKNOWN if loose else (Items(tuple(named.values()), keys),))
            elif it.name in by_name:
                self.scope.set(it.name, by_name[it.name])
            elif it.default is not None and not loose:
                self.scope.set(it.name, self._default(function, it))
            else:
                self.scope.set(it.name, self._unseen(function, it))

    def filled(self, made: Object, arguments: tuple[Argument, ...]) -> None:
        """Set the fields of a new dataclass from the arguments it is made with."""
        names = tuple(made.local.fields) if made.local is not None and made.local.record else ()
        for it in by_parameter(arguments, names):
            if it.name in names:
                self.scope.heap.set((made, it.name), it.values)
                self.happen(it.values, "bound", it.name, it.site)

    def _default(self, function: Function, parameter: Parameter) -> Values:
        """The default, evaluated where the function stands: a parameter of the same name does not shadow it."""
        assert parameter.default is not None
        here, self.scope = self.scope, function.scope
        values = self.evaluate(parameter.default)
        self.scope = here
        return values

    def _unseen(self, function: Function, parameter: Parameter) -> Values:
        """What callers that are not seen may give: what the annotation says, or the default."""
        values = self.annotated(parameter.annotation)
        return join(self._default(function, parameter), values) if parameter.default is not None else values

    def annotated(self, annotation: SgNode | None) -> Values:
        """What a parameter or field of the annotated type may be; its maker is not seen."""
        if annotation is None:
            return UNKNOWN
        found: list[Values] = []
        for value in self.type_named(annotation):
            classes: tuple[str, ...] = ()
            if isinstance(value, Symbol) and value.name in CALLS:
                classes = (value.name,)
            elif isinstance(value, LocalClass) and value.certain:
                classes = (f"local.{value.name}", *value.bases)
            if classes:
                made = self.born(classes, self.site(annotation))
                made.local = value if isinstance(value, LocalClass) else None
                made.foreign = True
                found.append((made,))
            else:
                found.append((value,) if is_none(value) else UNKNOWN)
        return join(*found)

    def type_named(self, node: SgNode) -> Values:
        """The classes an annotation names: `C`, `m.C`, `"C"`, `Optional[C]`, `C | D`; unknown for any other."""
        kind, inner = node.kind(), node.named_children()
        if kind == "type" and inner:
            return self.type_named(inner[0])
        if kind == "string":
            text = texts.literal(node.text())[0]
            name = text.value.strip() if isinstance(text, Text) else ""
            return self.lookup(name) if name.isidentifier() else UNKNOWN
        if kind in ("binary_operator", "union_type") and "|" in node.text():
            return join(*(self.type_named(it) for it in inner))
        if (
            kind in ("generic_type", "subscript")
            and inner
            and inner[0].text() in ("Optional", "typing.Optional", "Union")
        ):
            given = inner[1].named_children() if inner[1].kind() == "type_parameter" else inner[1:]
            return join(*(self.type_named(it) for it in given), NOTHING)
        return self.evaluate(node)


class Parameter(NamedTuple):
    """One parameter; `kind` is "", "*" or "**", or "named" for one that only a keyword fills."""

    name: str
    kind: str
    annotation: SgNode | None = None
    default: SgNode | None = None


def parameters(node: SgNode) -> list[Parameter]:
    """The parameters of a function or lambda, in order."""
    found: list[Parameter] = []
    listed, plain = node.field("parameters"), ""
    for it in listed.named_children() if listed is not None else ():
        kind, inner = it.kind(), it.named_children()
        if kind == "typed_parameter" and inner[0].kind() != "identifier":
            kind, inner = inner[0].kind(), inner[0].named_children()
        if kind == "identifier":
            found.append(Parameter(it.text(), plain))
        elif kind in ("default_parameter", "typed_default_parameter"):
            found.append(Parameter(inner[0].text(), plain, it.field("type"), it.field("value")))
        elif kind == "typed_parameter":
            found.append(Parameter(inner[0].text(), plain, it.field("type")))
        elif kind == "dictionary_splat_pattern":
            found.append(Parameter(inner[0].text(), "**"))
        elif kind == "keyword_separator" or kind == "list_splat_pattern":
            plain = "named"
            found += [Parameter(inner[0].text(), "*")] if inner else []
    return found


def by_parameter(arguments: tuple[Argument, ...], names: tuple[str, ...]) -> tuple[Argument, ...]:
    """The arguments with the parameter each positional one fills; after a `*splat` that is not known none is.

    What a splat of a list or dictionary written out gives stands as arguments of their own, `splat` all the same.
    """
    found: list[Argument] = []
    position = 0
    for argument in arguments:
        spread = _spread(argument)
        if spread is None:
            found.append(argument)
            position = len(names)
        for it in spread or ():
            if not it.keyword and position < len(names):
                it = Argument(names[position], False, it.site, it.values, it.splat)
                position += 1
            found.append(it)
    return tuple(found)


def _spread(argument: Argument) -> tuple[Argument, ...] | None:
    """The arguments that one as written stands for; None where it is a splat of what is not known."""
    if not argument.splat:
        return (argument,)
    items = argument.values[0] if len(argument.values) == 1 else None
    if not isinstance(items, Items) or not items.exact or items.open:
        return None
    if not items.keys:
        return tuple(Argument(None, False, argument.site, it, True) for it in items.elements)
    keys = [key[0].value for key in items.keys if len(key) == 1 and isinstance(key[0], Text)]
    if len(keys) < len(items.keys):
        return None
    pairs = zip(keys, items.elements, strict=True)
    return tuple(Argument(key, True, argument.site, it, True) for key, it in pairs)
