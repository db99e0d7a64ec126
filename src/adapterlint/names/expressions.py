"""Expressions: what each may be, and what reading it does to the objects in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from adapterlint.knowledge.calls import CLASSES, PARTS, SAME_PART, UNWRAPS, canonical
from adapterlint.knowledge.models import PEFT_MODEL, TUNER
from adapterlint.names import texts
from adapterlint.names.displays import Displays
from adapterlint.names.machine import DEEPEST, MOST_NESTED, MOST_STEPS
from adapterlint.names.objects import (
    UNKNOWN,
    Constant,
    Function,
    Items,
    LocalClass,
    Method,
    Namespace,
    Object,
    Symbol,
    Text,
    Unknown,
    join,
    not_none,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ast_grep_py import SgNode

    from adapterlint.names.objects import (
        Site,
        Value,
        Values,
    )

_BUILTINS = frozenset({
    "str", "list", "tuple", "set", "dict", "sorted", "reversed", "enumerate", "zip", "print", "len", "isinstance",
    "type", "range", "iter", "next", "open", "getattr", "setattr", "hasattr", "id", "repr", "bool", "int", "float",
    "map", "filter", "min", "max", "sum", "any", "all", "super", "vars", "dir", "globals", "locals", "eval", "exec",
})  # fmt: skip
_COMPREHENSIONS = frozenset(
    {"list_comprehension", "set_comprehension", "generator_expression", "dictionary_comprehension"}
)
#: Attributes of models that hold data: where they go, the model does not.
_DATA = frozenset({
    "device", "dtype", "config", "generation_config", "name_or_path", "hf_device_map", "max_seq_length", "tokenizer",
    "training", "active_adapter", "peft_config", "main_input_name", "vocab_size", "state", "args",
})  # fmt: skip
_CONSTANTS = {"none": "None", "true": "True", "false": "False"}


class Expressions(Displays):
    """Evaluation of expressions by the kind of their syntax node."""

    def __init__(self) -> None:
        super().__init__()
        self.running: list[Function] = []
        self._ways: dict[str, Callable[[SgNode], Values]] = {}  # how to evaluate each kind of node

    def evaluate(self, node: SgNode) -> Values:
        """What the expression may be."""
        self.steps += 1
        if self.steps > MOST_STEPS or self.nested > MOST_NESTED:
            return UNKNOWN
        self.nested += 1
        values = self._evaluated(node)
        self.nested -= 1
        return self.learn(self.site(node), values)

    def _evaluated(self, node: SgNode) -> Values:
        kind = node.kind()
        if kind == "identifier":
            return self.lookup(node.text())
        if kind == "call":
            return self.call(node)
        if kind == "integer" or kind == "float":
            return (Constant(node.text()),)
        if kind in _CONSTANTS:
            return (Constant(_CONSTANTS[kind]),)
        if kind not in self._ways:
            fallback = self._comprehension if kind in _COMPREHENSIONS else self._parts
            self._ways[kind] = getattr(self, f"_{kind}", fallback)
        return self._ways[kind](node)

    def _parts(self, node: SgNode) -> Values:
        """An expression of which only the parts matter."""
        for child in node.named_children():
            self.evaluate(child)
        return UNKNOWN

    def lookup(self, name: str) -> Values:
        """What the name may hold: an assignment, a star import, a built-in, or unknown."""
        values = self.scope.get(name)
        if values is not None:
            return values
        for library in self.stars:
            if name in CLASSES.get(library, ()) or f"{library}.{name}" == "peft.get_peft_model":
                return (Symbol(canonical(f"{library}.{name}")),)
        if name in _BUILTINS:
            return (Symbol(f"builtins.{name}"),)
        return (Symbol("__file__"),) if name == "__file__" else UNKNOWN

    def _parenthesized_expression(self, node: SgNode) -> Values:
        inner = node.named_children()
        return self.evaluate(inner[-1]) if inner else UNKNOWN

    _await = _parenthesized_expression

    def _attribute(self, node: SgNode) -> Values:
        owner, name = node.field("object"), node.field("attribute")
        if owner is None or name is None:
            return UNKNOWN
        if owner.kind() == "call" and (called := owner.field("function")) is not None and called.text() == "super":
            return self._inherited(name.text(), self.site(node))
        values = self.evaluate(owner)
        site = self.site(node)
        self.happen(values, "member", name.text(), site)
        return join(*(self.member(value, name.text(), site) for value in not_none(values))) or UNKNOWN

    def _inherited(self, name: str, site: Site) -> Values:
        """`super().name` in a method: of a base written in this source, else of the library class behind it."""
        running = self.running[-1] if self.running else None
        owner, home = (running.owner, running.home) if running is not None else (None, None)
        for parent in home.parents if home is not None else ():
            found = self.written(parent, owner, name) if owner is not None else None
            if found is not None:
                return found
        if not isinstance(owner, Object):
            return UNKNOWN
        self.happen((owner,), "member", name, site)
        return (Method(owner, name),)

    def member(self, value: Value, name: str, site: Site) -> Values:
        """What an attribute of the value may be."""
        held = self.scope.heap.entries.get((value, name))
        if held is not None:
            return held
        if isinstance(value, Symbol):
            if value.name == HERE_NAMES:
                self.dynamic.append(name)
            return texts.attribute(value, name) or (Symbol(canonical(f"{value.name}.{name}")),)
        if isinstance(value, Text):
            return texts.member(value, name)
        if isinstance(value, Items):
            return (Method(Object(("builtins.items",), site, 0, parts={"self": (value,)}), name),)
        if isinstance(value, LocalClass):
            return self.written(value, value, name) or UNKNOWN
        if isinstance(value, Namespace):
            return value.scope.names.get(name, UNKNOWN)
        if not isinstance(value, Object):
            return UNKNOWN
        if value.local is not None:
            written = self.written(value.local, value, name)
            if written is not None:
                return written
        part = self.part(value, f".{name}", site)
        if part is not None:
            return part
        return UNKNOWN if name in _DATA else (Method(value, name),)

    def written(self, cls: LocalClass, owner: Object | LocalClass, name: str) -> Values | None:
        """What the class's own text says of an attribute of the owner: a method, or what its body binds."""
        if name not in cls.methods:
            return cls.attributes.get(name)
        it = cls.methods[name]
        first = {"static": None, "class": cls}.get(it.kind, owner)
        if isinstance(owner, LocalClass) and it.kind not in ("static", "class"):
            return (it,)
        bound = it.of(first)
        if it.kind != "property":
            return (bound,)
        if self.depth >= DEEPEST:
            return UNKNOWN
        found = self.run(bound, ())
        if it.kept:
            self.scope.heap.set((owner, name), found)
        return found

    def part(self, value: Object, step: str, site: Site) -> Values | None:
        """The submodule one step from the object, the same object each time; None where the step is not known."""
        if step == ".base_model" and value.wraps and value.is_a(PEFT_MODEL):
            return self._tuner(value, site)
        if step in UNWRAPS and value.wraps:
            return value.wraps
        key = SAME_PART.get(step, step)
        if key in value.parts:
            return value.parts[key]
        for name in value.classes:
            if (name, step) in PARTS:
                value.parts[key] = (self.born((PARTS[name, step],), site),)
                return value.parts[key]
        if value.is_a(TUNER):
            return join(*(self.part(it, step, site) or () for it in value.wraps if isinstance(it, Object))) or None
        return None

    def _tuner(self, value: Object, site: Site) -> Values:
        """What stands between a PeftModel and its base."""
        if ".base_model" not in value.parts:
            tuner = self.born((TUNER,), site, value.made)
            tuner.wraps, tuner.of = value.wraps, (value,)
            value.parts[".base_model"] = (tuner,)
        return value.parts[".base_model"]

    def _subscript(self, node: SgNode) -> Values:
        owner = node.field("value")
        if owner is None:
            return UNKNOWN
        values = self.evaluate(owner)
        index = [self.evaluate(it) for it in node.field_children("subscript")]
        text = "".join(it.text() for it in node.field_children("subscript"))
        site = self.site(node)
        self.happen(values, "item", text, site)
        chosen = index[0] if index else UNKNOWN
        return join(*(self.item(value, text, chosen, site) for value in not_none(values))) or UNKNOWN

    def item(self, value: Value, text: str, index: Values, site: Site) -> Values:
        """What `value[index]` may be; `text` is the index as written."""
        if isinstance(value, Object):
            return self.part(value, f"[{text}]", site) or UNKNOWN
        if not isinstance(value, Items):
            if isinstance(value, Symbol) and value.name == HERE_NAMES:
                self.dynamic.append(text)
            return UNKNOWN
        if value.open:
            return join(*value.elements, UNKNOWN)
        if value.keys:
            hits = [it for key, it in zip(value.keys, value.elements, strict=False) if set(key) & set(index)]
            if any(isinstance(it, Unknown) for it in index):
                return join(*value.elements)
            return join(*hits) if hits else UNKNOWN
        if re.fullmatch(r"-?\d{1,6}", text) and -len(value.elements) <= int(text) < len(value.elements):
            return value.elements[int(text)]
        return UNKNOWN

    def _named_expression(self, node: SgNode) -> Values:
        name, value = node.field("name"), node.field("value")
        if name is None or value is None:
            return UNKNOWN
        values = self.evaluate(value)
        self.bind(name, values)
        return values

    def _lambda(self, node: SgNode) -> Values:
        function = Function(node, self.site(node), self.scope, "lambda")
        self.functions.append(function)
        return (function,)


#: What `globals()` and `locals()` return.
HERE_NAMES = "builtins.globals()"
