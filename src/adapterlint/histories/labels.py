"""What a source calls the thing that it measures: the names, keys and captions around a call."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_BASE = frozenset({
    *("base", "baseline", "baselines", "original", "originals", "orig", "vanilla", "untuned", "unadapted", "untouched"),
    *("untrained", "pristine", "stock", "reference", "ref", "teacher", "before", "zeroshot"),
})  # fmt: skip
_TUNED = frozenset({
    *("tuned", "finetuned", "finetune", "ft", "sft", "dpo", "adapted", "adapter", "adapters", "lora", "qlora", "dora"),
    *("peft", "trained", "student", "after", "merged", "new", "custom"),
})  # fmt: skip
_WITHOUT = frozenset({"without", "no", "non", "un", "pre"})
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_CAPTIONED = ("print", "info", "debug", "warning", "write", "log", "display")
_STATEMENTS = frozenset({"expression_statement", "return_statement", "block", "module", "for_statement"})


def says(text: str) -> int:
    """1 where the text speaks of the untouched base, -1 where of the tuned model, 0 where of neither or of both."""
    words = {it.lower() for it in _WORD.findall(text)}
    if words & _WITHOUT and words & _TUNED:
        return 1
    return bool(words & _BASE) - bool(words & _TUNED)


def target(node: SgNode) -> int:
    """What the result of the call is called: by the key, keyword, caption or name it is put under."""
    return next((it for it in map(says, _targets(node)) if it), 0)


def _targets(node: SgNode) -> Iterator[str]:
    """The texts that name the value of the expression, nearest first."""
    inner, outer = node, node.parent()
    while outer is not None:
        kind = outer.kind()
        if kind in ("assignment", "named_expression"):
            yield _text(outer.field("left") or outer.field("name"))
        elif kind == "keyword_argument":
            yield _text(outer.field("name"))
        elif kind == "pair":
            yield _text(outer.field("key"))
        elif kind == "string":
            yield outer.text().replace(inner.text(), "")
        elif kind == "argument_list":
            yield from _captions(outer, inner)
        elif kind == "return_statement":
            yield _function(outer)
            return
        elif kind in _STATEMENTS or kind == "lambda":
            return
        inner, outer = outer, outer.parent()


def _captions(arguments: SgNode, inner: SgNode) -> Iterator[str]:
    """The strings before an argument of a call that prints."""
    call = arguments.parent()
    callee = call.field("function") if call is not None else None
    if callee is None or callee.text().rpartition(".")[2] not in _CAPTIONED:
        return
    end = inner.range().start.index
    for it in reversed(arguments.named_children()):
        if it.range().start.index < end and it.kind() == "string":
            yield it.text()


def _function(node: SgNode) -> str:
    outer = node.parent()
    while outer is not None and outer.kind() != "function_definition":
        outer = outer.parent()
    return _text(outer.field("name")) if outer is not None else ""


def receiver(call: SgNode) -> str:
    """The expression that is called, without the method: `self.base.encode(x)` is done to `self.base`."""
    function = call.field("function")
    if function is None:
        return ""
    owner = function.field("object") if function.kind() == "attribute" else function
    return _text(owner).split("(", 1)[0]


def _text(node: SgNode | None) -> str:
    return node.text() if node is not None else ""
