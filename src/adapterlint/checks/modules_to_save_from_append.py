"""`modules_to_save=names.append("score")` is `modules_to_save=None`: a list's append gives nothing back.

`append`, `extend`, `insert`, `sort` and their like change the list and return None. A config that is given such a
call gets None, which is a legal value of every one of these fields, so nothing is said: with `modules_to_save` the
new head or the resized embedding stays as it was, is not trained and not saved, and whoever loads the adapter gets
another random head; with `target_modules` PEFT falls back on its own choice for the architecture. Measured with peft
0.12, 0.18 and 0.21. Where `task_type` is SEQ_CLS or TOKEN_CLS the usual names of a head come in by themselves, and
only those that were appended are lost.

To mend it, write the list out, `modules_to_save=[*names, "score"]`, or append in a statement of its own before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from adapterlint.model import Applicability, Example, Fix, Rule, Severity, Span
from adapterlint.names import Object
from adapterlint.names.objects import is_none

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.artifacts.source import Cell, Source
    from adapterlint.model import Finding
    from adapterlint.names import Names

_HEAD = """\
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification

names = ["classifier"]
"""
_FAULTY = 'config = LoraConfig(r=8, target_modules=["query"], modules_to_save=names.append("score"))\n'
_RIGHT = 'config = LoraConfig(r=8, target_modules=["query"], modules_to_save=[*names, "score"])\n'

RULE = Rule(
    id="modules-to-save-from-append",
    family="source",
    severity=Severity.error,
    summary="modules_to_save or another list of a config is given what append returns: None",
    why=__doc__,
    references=("https://github.com/huggingface/peft/issues/2289",),
    examples=(
        Example(title="given as an argument", cells=(_HEAD, _FAULTY), fixed=(_HEAD, _RIGHT)),
        Example(
            title="under a name of its own",
            cells=(_HEAD, 'heads = names.append("score")\nconfig = LoraConfig(r=8, modules_to_save=heads)\n'),
        ),
        Example(
            title="in a dictionary of arguments",
            cells=(_HEAD, 'arguments = {"r": 8, "modules_to_save": names.append("score")}\nLoraConfig(**arguments)\n'),
            fixed=(_HEAD, 'arguments = {"r": 8, "modules_to_save": [*names, "score"]}\nLoraConfig(**arguments)\n'),
        ),
        Example(
            title="appended before",
            fires=0,
            cells=(_HEAD, 'names.append("score")\nconfig = LoraConfig(r=8, modules_to_save=names)\n'),
        ),
        Example(title="a list of both", fires=0, cells=(_HEAD, _RIGHT)),
        Example(title="None is meant", fires=0, cells=(_HEAD, "config = LoraConfig(r=8, modules_to_save=None)\n")),
    ),
)

_FIELDS = ("modules_to_save", "target_modules", "exclude_modules", "layers_to_transform", "trainable_token_indices")
_NOTHING = re.compile(r"\.(append|extend|insert|remove|sort|reverse|clear|update|add)$")


class _Given(NamedTuple):
    """A field, the value it is given as written, and the call on a list that the value comes from."""

    field: str
    value: SgNode
    call: SgNode


def check(source: Source, names: Names) -> Iterator[Finding]:
    """Report each field of a config that is given what a method of a list returns."""
    if not any(field in source.text for field in _FIELDS):
        return
    for cell in source.cells:
        if any(field in cell.text for field in _FIELDS):
            for it in _given(cell, source, names):
                method = _function(it.call).text().rpartition(".")[2]
                message = f"{it.field} is given what {method}() returns, which is None"
                yield RULE.finding(message, source.place(cell, _span(it.value)), fix=_fix(it, cell, names))


def _given(cell: Cell, source: Source, names: Names) -> Iterator[_Given]:
    for kind, key in (("keyword_argument", "name"), ("pair", "key")):
        for node in cell.root().find_all(kind=kind):
            name, value = node.field(key), node.field("value")
            field = name.text().strip("\"'") if name is not None else ""
            if field not in _FIELDS or value is None:
                continue
            if value.kind() == "call" and _is_of_a_list(value, cell, names):
                yield _Given(field, value, value)
            elif value.kind() == "identifier" and (call := _bound_to(value, cell, source, names)):
                yield _Given(field, value, call)


def _bound_to(value: SgNode, cell: Cell, source: Source, names: Names) -> SgNode | None:
    """The call that a name was bound to, where the name can be nothing but None."""
    held = names.values(cell.index, _span(value))
    if not held or not all(map(is_none, held)):
        return None
    for each in source.cells:
        for bound in each.root().find_all(kind="assignment") if value.text() in each.text else ():
            left, right = bound.field("left"), bound.field("right")
            named = left is not None and left.text() == value.text()
            if named and right is not None and right.kind() == "call" and _is_of_a_list(right, each, names):
                return right
    return None


def _is_of_a_list(call: SgNode, cell: Cell, names: Names) -> bool:
    """Whether the call is a method that gives nothing back, of something that is no object of the author's class."""
    function = _function(call)
    owner = function.field("object")
    if owner is None or not _NOTHING.search(function.text()):
        return False
    return not any(isinstance(it, Object) for it in names.values(cell.index, _span(owner)))


def _function(call: SgNode) -> SgNode:
    return call.field("function") or call


def _span(node: SgNode) -> Span:
    found = node.range()
    return Span(found.start.index, found.end.index)


def _fix(it: _Given, cell: Cell, names: Names) -> Fix | None:
    """`[*names, "score"]`, where the call itself is the value."""
    owner, listed = _function(it.call).field("object"), it.call.field("arguments")
    more = listed.named_children() if listed is not None else []
    star = {".append": "", ".extend": "*"}.get(_function(it.call).text()[-7:])
    if (
        it.value is not it.call
        or owner is None
        or star is None
        or len(more) != 1
        or more[0].kind() == "keyword_argument"
    ):
        return None
    edit = names.edit(names.site(cell.index, _span(it.value)), f"[*{owner.text()}, {star}{more[0].text()}]")
    return Fix("give a list", Applicability.unsafe, (edit,), f"{owner.text()} itself is not changed any more")
