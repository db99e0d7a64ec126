"""Fixes -> new contents of files, with an account of what was applied and what was held back, and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from adapterlint.artifacts import source as sources
from adapterlint.artifacts.source import Cell
from adapterlint.model import Applicability, Applied, Broken, Fix, HeldBack
from adapterlint.writing import diff, write

if TYPE_CHECKING:
    from adapterlint.artifacts.source import Source
    from adapterlint.model import Edit, Finding

__all__ = ["Plan", "diff", "plan", "write"]

_LATER = "and is tried again in the next round"


@dataclass(frozen=True, slots=True)
class Plan:
    """`contents` maps each file to be changed to its new bytes."""

    contents: dict[str, bytes] = field(default_factory=dict)
    applied: tuple[Applied, ...] = ()
    held_back: tuple[HeldBack, ...] = ()


def plan(findings: Iterable[Finding], read: Callable[[str], bytes], *, unsafe: bool = False) -> Plan:
    """What the fixes of `findings` make of the files they edit; nothing is written. `read` gives a file's bytes.

    Safe fixes are taken, unsafe ones with `unsafe`, those for display never. Of fixes that overlap the first in the
    document wins. A fix that would add a syntax error, or make a valid notebook invalid, is held back.
    """
    files: dict[str, list[Finding]] = {}
    applied: list[Applied] = []
    held_back: list[HeldBack] = []
    for finding in findings:
        if finding.fix is None:
            continue
        refusal = _refusal(finding.fix, unsafe)
        if refusal:
            held_back.append(_held(finding, refusal))
        else:
            files.setdefault(finding.fix.edits[0].path, []).append(finding)
    contents: dict[str, bytes] = {}
    for path in sorted(files):
        data = _planned(path, sorted(files[path], key=_order), read, applied, held_back)
        if data is not None:
            contents[path] = data
    return Plan(contents, tuple(applied), tuple(sorted(held_back, key=_account_order)))


def _refusal(fix: Fix, unsafe: bool) -> str:
    if fix.applicability is Applicability.display or not fix.edits:
        return "it is only shown, because it is not proved to do what the code was written to do"
    if fix.applicability is Applicability.unsafe and not unsafe:
        return "it may change what the code does; --unsafe-fixes applies it"
    if len({edit.path for edit in fix.edits}) > 1:
        return "it edits more than one file"
    return ""


def _planned(
    path: str,
    findings: Sequence[Finding],
    read: Callable[[str], bytes],
    applied: list[Applied],
    held_back: list[HeldBack],
) -> bytes | None:
    """The new bytes of one file, None where nothing changes; accounts for every finding."""
    try:
        data = read(path)
    except OSError:
        held_back += [_held(finding, "the file can no longer be read") for finding in findings]
        return None
    source = sources.read(path, data)
    if isinstance(source, Broken):
        held_back += [_held(finding, f"the file can no longer be read: it is {source.reason}") for finding in findings]
        return None
    file = _File(source)
    taken = []
    for finding in findings:
        reason = file.take(finding) if finding.fix is not None else ""
        if reason:
            held_back.append(_held(finding, reason))
        else:
            taken.append(finding)
    new = file.render() if taken else None
    if new is None or new == data:
        reason = "it changes nothing" if new == data else "the notebook would no longer be valid"
        held_back += [_held(finding, reason) for finding in taken]
        return None
    applied += [_applied(finding) for finding in taken]
    return new


class _File:
    """One file and the edits taken so far, by cell."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.edits: dict[int | None, list[Edit]] = {}

    def take(self, finding: Finding) -> str:
        """Take all edits of the finding's fix, or say why none."""
        fresh: dict[int | None, list[Edit]] = {}
        for edit in finding.fix.edits if finding.fix is not None else ():
            cell = self.source.cell(edit.cell)
            if cell is None or not 0 <= edit.span.start <= edit.span.end <= len(cell.text):
                return "the file is no longer what was checked"
            edit = replace(edit, content=_with_line_ends(edit.content, cell.text))
            taken = self.edits.get(edit.cell, [])
            if edit in taken or edit in fresh.get(edit.cell, []):
                continue
            if any(_overlap(edit, other) for other in taken):
                return f"it overlaps another fix {_LATER}"
            if any(_overlap(edit, other) for other in fresh.get(edit.cell, [])):
                return "its edits overlap each other"
            fresh.setdefault(edit.cell, []).append(edit)
        for index, edits in fresh.items():
            reason = self._unsound(index, edits)
            if reason:
                return reason
        for index, edits in fresh.items():
            self.edits.setdefault(index, []).extend(edits)
        return ""

    def _unsound(self, index: int | None, edits: Sequence[Edit]) -> str:
        """Why the cell cannot take `edits` on top of those it has."""
        cell = self.source.cell(index)
        if cell is None:
            return ""
        taken = self.edits.get(index, [])
        before = Cell(_edited(cell.text, taken), index, node=cell.node)
        after = Cell(_edited(cell.text, [*taken, *edits]), index, node=cell.node)
        try:
            self.source.encode(after.text)
        except UnicodeEncodeError:
            # A lone surrogate that a notebook writes as an escape stays an escape.
            if self.source.kind == "py":
                return f"the file's encoding ({self.source.encoding}) cannot write it"
        return "" if _sound(before, after) else "it would add a syntax error"

    def render(self) -> bytes | None:
        """The file's bytes after the edits; None where a notebook would not be what it has to be."""
        changed = [cell for cell in self.source.cells if cell.index in self.edits]
        if self.source.kind == "py":
            text = _edited(self.source.text, self.edits.get(None, []))
            return self.source.encode(text)
        from adapterlint.artifacts.notebook_patch import patched

        nodes = [(cell.node, self.edits[cell.index]) for cell in changed if cell.node is not None]
        new = self.source.encode(patched(self.source.text, nodes))
        return new if self._kept_its_cells(new) and _as_valid(self.source, new) else None

    def _kept_its_cells(self, new: bytes) -> bool:
        read = sources.read(self.source.path, new)
        if isinstance(read, Broken):
            return False
        expected = [(cell.index, _edited(cell.text, self.edits.get(cell.index, []))) for cell in self.source.cells]
        return expected == [(cell.index, cell.text) for cell in read.cells]


def _edited(text: str, edits: Iterable[Edit]) -> str:
    pieces, here = [], 0
    for edit in sorted(edits, key=lambda edit: (edit.span.start, edit.span.end)):
        pieces += [text[here : edit.span.start], edit.content]
        here = edit.span.end
    return "".join((*pieces, text[here:]))


def _overlap(one: Edit, other: Edit) -> bool:
    """Whether two edits of a cell touch the same characters, or start at the same one: their order would be a guess."""
    a, b = one.span, other.span
    return a.start == b.start or (a.start < b.end and b.start < a.end)


def _with_line_ends(content: str, text: str) -> str:
    """`content` with the line ends that most lines of `text` have."""
    pairs = text.count("\r\n")
    counts = {"\n": text.count("\n") - pairs, "\r\n": pairs, "\r": text.count("\r") - pairs}
    usual = max(counts, key=lambda end: counts[end])
    return re.sub(r"\r\n?|\n", usual, content)


def _sound(before: Cell, after: Cell) -> bool:
    """Whether the edit adds no syntax error, as this Python sees it, or ast-grep where it could not read the cell."""
    if _compiles(before.masked):
        return _compiles(after.masked)
    return _errors(after) <= _errors(before)


def _compiles(text: str) -> bool:
    import ast
    import warnings

    flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(text, "<cell>", "exec", flags=flags, dont_inherit=True)
        except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
            return False
    return True


def _errors(cell: Cell) -> int:
    return len(cell.root().find_all({"rule": {"kind": "ERROR"}}))


def _as_valid(source: Source, new: bytes) -> bool:
    """Whether the notebook is valid per nbformat, or was not before."""
    import json

    return _valid(json.loads(new.decode("utf-8-sig"))) or not _valid(json.loads(source.text))


def _valid(notebook: object) -> bool:
    from nbformat.validator import iter_validate

    errors = iter_validate(notebook)  # type: ignore[no-untyped-call]
    return next(iter(errors), None) is None


def _order(finding: Finding) -> tuple[int, int, str]:
    edits = finding.fix.edits if finding.fix is not None else ()
    first = min(((edit.cell or 0, edit.span.start) for edit in edits), default=(0, 0))
    return (*first, finding.rule)


def _account_order(held: HeldBack) -> tuple[str, int, int, str]:
    return (held.path, held.cell or 0, held.line or 0, held.rule)


def _applied(finding: Finding) -> Applied:
    fix, place = finding.fix or Fix("", Applicability.display), finding.place
    return Applied(place.path, finding.rule, fix.title, place.cell, place.line, fix.note)


def _held(finding: Finding, reason: str) -> HeldBack:
    fix, place = finding.fix or Fix("", Applicability.display), finding.place
    return HeldBack(place.path, finding.rule, fix.title, reason, place.cell, place.line, fix.note)
