"""Local functions: run with their arguments, or with what the annotations of their parameters say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapterlint.knowledge.calls import CALLS
from adapterlint.names import texts
from adapterlint.names.expressions import Expressions
from adapterlint.names.machine import DEEPEST, Argument, parameters
from adapterlint.names.objects import NOTHING, UNKNOWN, LocalClass, Symbol, Text, is_none, join
from adapterlint.names.scope import Scope

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.names.objects import Function, Site, Values


class Functions(Expressions):
    """Entering functions written in the source."""

    def enter(self, function: Function, arguments: tuple[Argument, ...], text: str, site: Site) -> Values:
        """Run the function with the arguments; deeper than is worth it they only go somewhere."""
        self.called.add(function.site)
        if self.depth >= DEEPEST:
            self.passed(arguments, text, site)
            return UNKNOWN
        return self.run(function, arguments)

    def run(self, function: Function, arguments: tuple[Argument, ...] | None) -> Values:
        """Run a local function. Without arguments its parameters are what their annotations say, else unknown."""
        self.entered.add(function.site)
        outer, cell, jumps, trials = self.scope, self.cell, self.jumps, self.trials
        self.scope, self.cell, self.jumps, self.trials = Scope(function.scope), function.site.cell, [], []
        self.depth += 1
        self.returned.append(())
        self.exits.append([])
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
        self.scope.meet([self.scope.fork(), *self.exits.pop()])
        self.unseen.pop()
        self.depth -= 1
        self.scope, self.cell, self.jumps, self.trials = outer, cell, jumps, trials
        return result or UNKNOWN

    def _bind_parameters(self, function: Function, arguments: tuple[Argument, ...] | None) -> None:
        listed = parameters(function.node)
        if function.owner is not None and listed:
            self.scope.set(listed.pop(0)[0].lstrip("*"), (function.owner,))
        given = by_parameter(arguments or (), tuple(name for name, _, _ in listed if not name.startswith("*")))
        by_name = {it.name: it.values for it in given if it.name}
        loose = arguments is None or any(it.splat for it in given)
        for name, annotation, default in listed:
            if name in by_name:
                self.scope.set(name, by_name[name])
            elif default is not None and not loose:
                self.scope.set(name, self.evaluate(default))
            else:
                self.scope.set(name.lstrip("*"), self.annotated(annotation))

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


def by_parameter(arguments: tuple[Argument, ...], names: tuple[str, ...]) -> tuple[Argument, ...]:
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
