"""Statements that define names without running anything: imports, functions, classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapterlint.knowledge.calls import LIBRARIES, TRANSPARENT, canonical
from adapterlint.names.flow import Flow
from adapterlint.names.objects import UNKNOWN, Function, LocalClass, Symbol, qualified

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.names.objects import Values

_KINDS = {"staticmethod": "static", "classmethod": "class", "property": "property", "cached_property": "property"}


class Definitions(Flow):
    """Execution of definitions by the kind of their syntax node."""

    def _do_import_statement(self, node: SgNode) -> None:
        for it in node.field_children("name"):
            name, alias = it.field("name"), it.field("alias")
            if alias is not None and name is not None:
                self.scope.set(alias.text(), (Symbol(canonical(name.text())),))
            else:
                root = it.text().split(".")[0]
                self.scope.set(root, (Symbol(root),))

    def _do_import_from_statement(self, node: SgNode) -> None:
        module = node.field("module_name")
        home = module.text() if module is not None else ""
        if any(it.kind() == "wildcard_import" for it in node.named_children()):
            self.stars += [home.split(".")[0]] if home.split(".")[0] in LIBRARIES else []
        for it in node.field_children("name"):
            name, alias = it.field("name") or it, it.field("alias")
            values: Values = (Symbol(canonical(f"{home}.{name.text()}")),) if not home.startswith(".") else UNKNOWN
            self.scope.set((alias or name).text(), values)

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
        decorators = [it for it in node.named_children() if it.kind() == "decorator"]
        values = [self.evaluate(it.named_children()[0]) for it in decorators if it.named_children()]
        if definition is None:
            return
        if definition.kind() != "function_definition":
            self.statement(definition)
            return
        function = self._do_function_definition(definition)
        if function is None:
            return
        for it, value in zip(decorators, values, strict=False):
            name = it.text().lstrip("@").split("(")[0].strip()
            kind = _KINDS.get(name.rpartition(".")[2], "")
            function.kind = function.kind or kind
            if not kind and not self._transparent(it, value):
                self.scope.set(function.name, UNKNOWN)

    def _transparent(self, decorator: SgNode, values: Values) -> bool:
        """Whether a call of the decorated function returns what the function itself would."""
        inner = decorator.named_children()[0]
        if inner.kind() == "call" and (called := inner.field("function")) is not None:
            values = self.evaluate(called)
        names = [name for value in values for name in qualified(value)]
        return bool(names) and all(name.startswith(TRANSPARENT) for name in names)

    def _do_class_definition(self, node: SgNode) -> None:
        name, body, listed = node.field("name"), node.field("body"), node.field("superclasses")
        if name is None or body is None:
            return
        values = [self.evaluate(it) for it in (listed.named_children() if listed is not None else ())]
        bases = [found for it in values for value in it for found in _bases(value)]
        certain = all(isinstance(value, Symbol | LocalClass) for it in values for value in it)
        outer, state = self.scope, self.scope.fork()
        self.block(body)
        before = state[0][-1]
        bound = {key: it for key, it in self.scope.names.items() if before.get(key) is not it}
        methods = {key: it[0] for key, it in bound.items() if isinstance(it[0], Function)}
        self.scope.back(state)
        made = LocalClass(name.text(), tuple(dict.fromkeys(bases)), methods, certain)
        made.attributes = {key: it for key, it in bound.items() if key not in methods} | self._fields(body)
        outer.set(name.text(), (made,))
        self.classes.append((made, self.born((f"local.{made.name}", *made.bases), self.site(name))))

    def _fields(self, body: SgNode) -> dict[str, Values]:
        """What the annotations of a class say of fields that its body gives no value."""
        found = {}
        for it in body.named_children():
            inner = it.named_children()[:1] if it.kind() == "expression_statement" else []
            for each in inner:
                left, annotation = each.field("left"), each.field("type")
                bare = each.kind() == "assignment" and each.field("right") is None
                if bare and left is not None and annotation is not None:
                    found[left.text()] = self.annotated(annotation)
        return found


def _bases(value: object) -> tuple[str, ...]:
    if isinstance(value, LocalClass):
        return (f"local.{value.name}", *value.bases)
    return qualified(value) if isinstance(value, Symbol) else ()
