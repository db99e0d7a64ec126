"""`# adapterlint: ignore[rule]` in source, and the per-path ignores of the settings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from adapterlint.globs import Globs
from adapterlint.model import Span
from adapterlint.model.ignore import Ignore

if TYPE_CHECKING:
    from adapterlint.artifacts.source import Cell, Source
    from adapterlint.model import Finding

WORD = "adapterlint:"
_COMMENT = re.compile(r"#\s*adapterlint:\s*ignore(?![\w-])(?:\s*\[(?P<rules>[^\]]*)\])?")
_BODIES = ("block",)
_COMPOUND = (
    "if_statement",
    "elif_clause",
    "else_clause",
    "for_statement",
    "while_statement",
    "try_statement",
    "except_clause",
    "except_group_clause",
    "finally_clause",
    "with_statement",
    "function_definition",
    "class_definition",
    "decorated_definition",
    "match_statement",
    "case_clause",
)


class Kept(NamedTuple):
    """Findings that stay, those that a comment silenced, and every ignore comment with what it was good for."""

    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    ignores: tuple[Ignore, ...]


def apply(
    findings: Iterable[Finding],
    sources: Mapping[str, Source],
    families: Mapping[str, str],
    ran: Callable[[str], bool],
) -> Kept:
    """Silence the findings that an ignore comment covers.

    `families` maps the id of every rule to its family, `ran` says whether the rule of an id was asked in this run;
    only rules that ran can leave a comment unused.
    """
    comments = [ignore for source in sources.values() for ignore in read(source)]
    used: dict[int, set[str]] = {index: set() for index in range(len(comments))}
    kept: list[Finding] = []
    suppressed: list[Finding] = []
    for finding in findings:
        names = {finding.rule, families.get(finding.rule, "")}
        silent = False
        for index, ignore in enumerate(comments):
            if ignore.covers(finding) and (not ignore.rules or names & set(ignore.rules)):
                used[index] |= names
                silent = True
        (suppressed if silent else kept).append(finding)
    judged = tuple(_judged(ignore, used[index], families, ran) for index, ignore in enumerate(comments))
    return Kept(tuple(kept), tuple(suppressed), judged)


def _judged(ignore: Ignore, used: set[str], families: Mapping[str, str], ran: Callable[[str], bool]) -> Ignore:
    known = {*families, *families.values()}

    def all_ran(name: str) -> bool:
        return all(ran(id) for id, family in families.items() if name in ("", id, family))

    return replace(
        ignore,
        unknown=tuple(name for name in ignore.rules if name not in known),
        unused=tuple(name for name in ignore.rules if name in known and name not in used and all_ran(name)),
        idle=not ignore.rules and not used and all_ran(""),
    )


def read(source: Source) -> Iterator[Ignore]:
    """The ignore comments of a source, comments as Python sees them: the same words in a string are text."""
    if WORD not in source.text:
        return
    for cell in source.cells:
        if WORD in cell.text:
            yield from _in_cell(source, cell)


def _in_cell(source: Source, cell: Cell) -> Iterator[Ignore]:
    root = cell.root()
    statements: list[tuple[int, int]] | None = None
    for comment in root.find_all(kind="comment"):
        match = _COMMENT.search(comment.text())
        if match is None:
            continue
        if statements is None:
            statements = list(_statements(root))
        around = comment.range()
        line = around.start.line + 1
        lines = {line}
        for first, last in statements:
            if first <= line <= last:
                lines.update(range(first, last + 1))
        start = around.start.index + match.start()
        span = Span(start, start + len(match.group()))
        names = tuple(name.strip() for name in (match["rules"] or "").split(",") if name.strip())
        yield Ignore(source.place(cell, span), names, frozenset(lines))


def _statements(node: Any) -> Iterator[tuple[int, int]]:
    """First and last line, from 1, of every simple statement and of the head of every compound one."""
    for child in node.children():
        kind = child.kind()
        if kind in _COMPOUND:
            yield _head(child)
            yield from _statements(child)
        elif kind in _BODIES:
            yield from _statements(child)
        elif node.kind() in ("module", "block") and child.is_named() and kind != "comment":
            around = child.range()
            yield around.start.line + 1, around.end.line + 1


def _head(node: Any) -> tuple[int, int]:
    """The lines of a compound statement up to the colon before its body."""
    first = last = node.range().start.line + 1
    for child in node.children():
        if child.kind() in (*_BODIES, *_COMPOUND):
            break
        last = child.range().end.line + 1
        if child.kind() == ":":
            break
    return first, last


def by_path(
    findings: Iterable[Finding],
    per_path: Iterable[tuple[str, tuple[str, ...]]],
    base: str,
    family: Callable[[str], str],
) -> tuple[list[Finding], list[Finding]]:
    """Findings kept and findings silenced by the settings: (glob from the folder `base`, ids and families)."""
    silencers = [(Globs((glob,), base), frozenset(names)) for glob, names in per_path]
    kept: list[Finding] = []
    suppressed: list[Finding] = []
    for finding in findings:
        names = {finding.rule, family(finding.rule)}
        silent = any(names & ids and finding.place.path in globs for globs, ids in silencers)
        (suppressed if silent else kept).append(finding)
    return kept, suppressed
