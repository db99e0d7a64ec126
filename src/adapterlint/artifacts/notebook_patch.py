"""Edits of notebook cells, made in the file's own text: no byte outside the edited JSON strings changes."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapterlint.artifacts.jsontext import Node
    from adapterlint.model import Edit

# One match is one character of the decoded string.
_UNIT = re.compile(
    r"\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|\\u[\da-fA-F]{4}|\\.|[^\\]", re.DOTALL | re.ASCII
)
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_Replacement = tuple[int, int, str]


def patched(text: str, cells: Iterable[tuple[Node, Sequence[Edit]]]) -> str:
    """The notebook's `text` after the edits of each cell, given with the node of the cell's source.

    Spans are of the cell's decoded text; those of one cell do not overlap. A source that is one string keeps its
    form; in a list of lines only the strings of touched lines change, and strings come and go with lines.
    """
    replacements: list[_Replacement] = []
    for node, edits in cells:
        ordered = sorted(edits, key=lambda edit: (edit.span.start, edit.span.end))
        replacements += _in_string(text, node, ordered) if node.kind == "string" else _in_lines(text, node, ordered)
    pieces, here = [], 0
    for start, end, content in sorted(replacements):
        pieces += [text[here:start], content]
        here = end
    return "".join((*pieces, text[here:]))


def _in_string(text: str, node: Node, edits: Sequence[Edit]) -> Iterator[_Replacement]:
    starts = [unit.start() for unit in _UNIT.finditer(text, node.start + 1, node.end - 1)]
    starts.append(node.end - 1)
    for edit in edits:
        yield starts[edit.span.start], starts[edit.span.end], _escaped(edit.content, text)


def _in_lines(text: str, node: Node, edits: Sequence[Edit]) -> Iterator[_Replacement]:
    items = node.items
    if not items:
        new = [_escaped(line, text) for edit in edits for line in _LINE.findall(edit.content)]
        yield node.start, node.end, "[" + ", ".join(f'"{line}"' for line in new) + "]"
        return
    groups = _groups(items, edits)
    results = [(group, _strings(text, items, group)) for group in groups]
    kept = len(items) - sum(group.last - group.first + 1 for group in groups)
    if not kept and not any(strings for _, strings in results):
        yield node.start, node.end, "[]"
        return
    for group, strings in results:
        yield _rendered(text, node, group, strings)


@dataclass(slots=True)
class _Group:
    """Neighbouring strings `first` to `last` of a source and the edits that touch them."""

    first: int
    last: int
    start: int
    edits: list[Edit] = field(default_factory=list)


def _groups(items: Sequence[Node], edits: Sequence[Edit]) -> list[_Group]:
    ends = list(accumulate(len(item.value) for item in items))
    starts = [0, *ends[:-1]]
    groups: list[_Group] = []
    for edit in edits:
        start, end = edit.span.start, edit.span.end
        first = bisect_right(starts, start) - 1
        last = max(first, bisect_right(starts, end - 1) - 1)
        whole = start == starts[first] and not edit.content
        if end > start and end == ends[last] and not whole and not edit.content.endswith("\n"):
            last = min(last + 1, len(items) - 1)  # the line end is gone: the next line joins this one
        if groups and first <= groups[-1].last + 1:
            groups[-1].last = max(groups[-1].last, last)
        else:
            groups.append(_Group(first, last, starts[first]))
        groups[-1].edits.append(edit)
    return groups


def _strings(text: str, items: Sequence[Node], group: _Group) -> list[str]:
    """The raw strings, without quotes, that stand for the group's lines after its edits."""
    out: list[str] = []
    line: list[str] = []

    def flush() -> None:
        if line:
            out.append("".join(line))
            line.clear()

    edits = list(reversed(group.edits))
    here, resume = group.start, group.start
    for index in range(group.first, group.last + 2):
        units = _units(text, items[index]) if index <= group.last else [""]
        for number, unit in enumerate(units, 1):
            while edits and edits[-1].span.start == here:
                resume = max(resume, edits[-1].span.end)
                for part in _LINE.findall(edits.pop().content):
                    line.append(_escaped(part, text))
                    if part.endswith("\n"):
                        flush()
            if here >= resume and unit:
                line.append(unit)
                # What follows the last string may be inserted text that belongs to its unfinished line.
                if number == len(units) and (index < group.last or items[index].value.endswith("\n")):
                    flush()
            here += 1
    flush()
    return out


def _rendered(text: str, node: Node, group: _Group, strings: Sequence[str]) -> _Replacement:
    items = node.items
    start, end = items[group.first].start, items[group.last].end
    if not strings:
        if group.last + 1 < len(items):
            return start, items[group.last + 1].start, ""
        return items[group.first - 1].end, end, ""
    between = [text[a.end : b.start] for a, b in pairwise(items)]
    usual = between[0] if between else _separator(text, node)
    own = between[group.first : group.last]
    pieces = [f'"{strings[0]}"']
    for index, string in enumerate(strings[1:]):
        pieces += [own[index] if index < len(own) else usual, f'"{string}"']
    return start, end, "".join(pieces)


def _separator(text: str, node: Node) -> str:
    """What stands between strings of a list that has only one: the indentation before it, or the file's own style."""
    lead = text[node.start + 1 : node.items[0].start]
    spaced = re.match(r'.{0,200}?"[ \t]*:[ \t]', text, re.DOTALL)
    return "," + (lead or (" " if spaced else ""))


def _units(text: str, item: Node) -> list[str]:
    return _UNIT.findall(text, item.start + 1, item.end - 1)


def _escaped(content: str, text: str) -> str:
    """`content` as the inside of a JSON string, non-ASCII characters as the rest of the file writes them."""
    return json.dumps(content, ensure_ascii=text.isascii())[1:-1]
