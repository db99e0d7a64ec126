"""Statements that define names without running anything: functions and classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapterlint.knowledge.calls import TRANSPARENT
from adapterlint.names.imports import Imports
from adapterlint.names.objects import UNKNOWN, Function, LocalClass, Symbol, qualified

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.names.objects import Values
    from adapterlint.names.where import Context

_KINDS = {"staticmethod": "static", "classmethod": "class", "property": "property", "cached_property": "property",
          "contextmanager": "manager", "asynccontextmanager": "manager"}  # fmt: skip
#: Decorators that keep what the function returned: the next call gives the same object.
_KEEPING = frozenset({"cached_property", "cache", "lru_cache", "cache_resource", "cached"})
#: Decorators that make `__init__` of the annotated fields.
_RECORDS = frozenset({"dataclass", "define", "frozen", "mutable"})
_NO_BASES = frozenset({"keyword_argument", "comment"})


class Definitions(Imports):
    """Execution of definitions by the kind of their syntax node."""

    def _do_function_definition(self, node: SgNode) -> Function | None:
        name = node.field("name")
        if name is None:
            return None
        function = Function(node, self.site(node), self.scope, name.text())
        self.functions.append(function)
        self.scope.set(name.text(), (function,))
        return function

    def _do_decorated_definition(self, node: SgNode) -> None:
        definition = node.field("definition")
        decorators = [it.named_children()[0] for it in node.named_children()
                      if it.kind() == "decorator" and it.named_children()]  # fmt: skip
        before, contexts = self.where, []
        for it in decorators:
            values = self.evaluate(it)
            contexts.append(self.context(it, values))
            self.where = before
        names = [it.text().split("(")[0].strip() for it in decorators]
        if definition is None:
            return
        if definition.kind() == "class_definition":
            made = self._do_class_definition(definition)
            if made is not None and any(name.rpartition(".")[2] in _RECORDS for name in names):
                made.record = True
            return
        if any(name.endswith(".cell") for name in names) and self.scope.get("marimo") == (Symbol("marimo"),):
            self._cell_of_marimo(definition)
            return
        bound = definition.field("name")
        held = self.scope.get(bound.text()) if bound is not None else None
        function = self._do_function_definition(definition)
        if function is None:
            return
        function.contexts = tuple(contexts)
        for name, context in zip(names, contexts, strict=True):
            if name.endswith((".setter", ".deleter")) and held is not None:
                self.scope.set(function.name, held)  # the property stays what reading it gives
                return
            self._decorated(function, name.rpartition(".")[2], context)

    def _cell_of_marimo(self, definition: SgNode) -> None:
        """A cell of a marimo notebook: what it binds is there for all others, which take it as a parameter."""
        body = definition.field("body")
        if body is not None:
            self.block(body)
            self.scope.dead = False  # it ends with a `return` of what it binds

    def _decorated(self, function: Function, name: str, context: Context) -> None:
        """What a decorator makes of the function: another kind of it, or something unknown."""
        kind = _KINDS.get(name, "")
        function.kind = function.kind or kind
        function.kept = function.kept or name in _KEEPING
        names = [it for value in context.callee for it in qualified(value)]
        if not kind and not (names and all(it.startswith(TRANSPARENT) for it in names)):
            self.scope.set(function.name, UNKNOWN)

    def _do_class_definition(self, node: SgNode) -> LocalClass | None:
        name, body, listed = node.field("name"), node.field("body"), node.field("superclasses")
        if name is None or body is None:
            return None
        given = [it for it in (listed.named_children() if listed is not None else ()) if it.kind() not in _NO_BASES]
        values = [self.evaluate(it) for it in given]
        bases = [found for it in values for value in it for found in _bases(value)]
        certain = all(isinstance(value, Symbol | LocalClass) for it in values for value in it)
        parents = tuple(value for it in values for value in it if isinstance(value, LocalClass))
        made = LocalClass(name.text(), tuple(dict.fromkeys(bases)), {}, certain, parents)
        made.record = any(it.record for it in parents) or "typing.NamedTuple" in bases
        for parent in reversed(parents):
            made.methods |= parent.methods
            made.attributes |= parent.attributes
            made.fields |= parent.fields
        self._class_body(made, body)
        self.scope.set(name.text(), (made,))
        self.classes.append((made, self.born((f"local.{made.name}", *made.bases), self.site(name))))
        return made

    def _class_body(self, made: LocalClass, body: SgNode) -> None:
        """What the body of a class binds: methods and attributes. Its names are not seen from inside the methods."""
        where, mark = self.where, self.scope.mark()
        self.block(body)
        way, self.where = self.scope.leave(mark), where
        self.scope.close()
        for (table, key), values in way.bound.items():
            if table is not self.scope.table:
                table.set(key, values)
            elif isinstance(values[0], Function):
                made.methods[key] = values[0]
                made.methods[key].home = made
            else:
                made.attributes[key] = values
        made.fields |= {key: made.attributes.get(key, values) for key, values in self._fields(body).items()}
        made.attributes |= {key: values for key, values in made.fields.items() if key not in made.attributes}

    def _fields(self, body: SgNode) -> dict[str, Values]:
        """The annotated fields of a class, and what the annotation says of those that its body gives no value."""
        found = {}
        for it in body.named_children():
            inner = it.named_children()[:1] if it.kind() == "expression_statement" else []
            for each in inner:
                left, annotation = each.field("left"), each.field("type")
                if each.kind() == "assignment" and left is not None and annotation is not None:
                    found[left.text()] = self.annotated(annotation) if each.field("right") is None else UNKNOWN
        return found


def _bases(value: object) -> tuple[str, ...]:
    if isinstance(value, LocalClass):
        return (f"local.{value.name}", *value.bases)
    return qualified(value) if isinstance(value, Symbol) else ()
