"""Tests for a path on disk that a call hangs on: `if os.path.exists(path):`, an early return, an assertion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_ASKS = frozenset({"exists", "isdir", "isfile", "lexists"})
_ASKED = frozenset({"exists", "is_dir", "is_file"})
_LEAVES = frozenset({"return_statement", "raise_statement", "continue_statement", "break_statement"})
_EXITS = ("sys.exit(", "exit(", "quit(", "os._exit(")


class PathTest(NamedTuple):
    """A test that came out true where the call is: `path` as written, and what is run only then."""

    test: SgNode
    path: SgNode
    guarded: tuple[SgNode, ...]


#: What is known of blocks of statements, by cell and place: the tests in them, and where their statements begin.
Blocks: TypeAlias = dict[tuple[int, int, int], list[tuple[int, PathTest]]]


def path_tests(call: SgNode, cell: int, blocks: Blocks) -> Iterator[PathTest]:
    """The tests for a path without which the call is not come to, inside its function, the nearest first.

    `cell` is the number of the cell it is in. `blocks` is kept for the next call: each block is read once.
    """
    node, outer = call, call.parent()
    while outer is not None and outer.kind() not in ("lambda", "class_definition"):
        kind = outer.kind()
        if kind in ("if_statement", "elif_clause"):
            body, condition = outer.field("consequence"), outer.field("condition")
            if condition is not None and not _same(node, condition):
                yield from _of(condition, _same(node, body), (node,))
        elif kind == "conditional_expression":
            inner = [it for it in outer.named_children() if it.kind() != "comment"]
            if len(inner) == 3 and not _same(node, inner[1]):
                yield from _of(inner[1], _same(node, inner[0]), (node,))
        elif kind in ("block", "module"):
            span, here = outer.range(), node.range().start.index
            place = cell, span.start.index, span.end.index
            if place not in blocks:
                blocks[place] = list(_of_block(outer))
            yield from (test for start, test in blocks[place] if start < here)
        if kind == "function_definition":
            return
        node, outer = outer, outer.parent()


def _of_block(block: SgNode) -> Iterator[tuple[int, PathTest]]:
    """The tests of statements after which the block goes on only if they came out so, and where these begin."""
    statements = [it for it in block.named_children() if it.kind() != "comment"]
    for number, it in enumerate(statements):
        kind, condition, body = it.kind(), it.field("condition"), it.field("consequence")
        found: Iterator[PathTest] = iter(())
        if kind == "assert_statement" and it.named_children():
            found = _of(it.named_children()[0], True, ())
        elif kind == "if_statement" and condition is not None and body is not None and _leaves(body):
            found = _of(condition, False, ()) if it.field("alternative") is None else found
        start = it.range().start.index
        yield from ((start, test._replace(guarded=tuple(statements[number + 1 :]))) for test in found)


def _leaves(body: SgNode) -> bool:
    statements = [it for it in body.named_children() if it.kind() != "comment"]
    return bool(statements) and (statements[-1].kind() in _LEAVES or statements[-1].text().startswith(_EXITS))


def _of(condition: SgNode, truth: bool, guarded: tuple[SgNode, ...]) -> Iterator[PathTest]:
    """The tests for a path that surely came out true if the condition came out as `truth`."""
    kind, inner = condition.kind(), [it for it in condition.named_children() if it.kind() != "comment"]
    if kind == "parenthesized_expression" and len(inner) == 1:
        yield from _of(inner[0], truth, guarded)
    elif kind == "not_operator" and inner:
        yield from _of(inner[-1], not truth, guarded)
    elif kind == "boolean_operator":
        operator = condition.field("operator")
        if operator is not None and (operator.text() == "and") is truth:
            for it in inner:
                yield from _of(it, truth, guarded)
    elif kind == "call" and truth:
        path = _path(condition)
        if path is not None:
            yield PathTest(condition, path, guarded)


def _path(call: SgNode) -> SgNode | None:
    """What the call asks the disk for, as written."""
    function, listed = call.field("function"), call.field("arguments")
    if function is None or listed is None:
        return None
    given = [it for it in listed.named_children() if it.kind() != "comment"]
    owner, name = function.field("object"), function.field("attribute")
    last = name.text() if name is not None else function.text()
    if owner is not None and last in _ASKED and not given:
        return owner
    of_os = owner is None or owner.text() in ("os.path", "path", "osp")
    return given[0] if of_os and last in _ASKS and len(given) == 1 and given[0].kind() != "keyword_argument" else None


def _same(one: SgNode, other: SgNode | None) -> bool:
    if other is None:
        return False
    a, b = one.range(), other.range()
    return (a.start.index, a.end.index) == (b.start.index, b.end.index)
