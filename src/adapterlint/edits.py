"""Fixes -> new contents of files, with an account of what was applied and what was held back, and why."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from adapterlint.artifacts import source as sources
from adapterlint.artifacts.source import Cell
from adapterlint.artifacts.syntax import compiles, errors
from adapterlint.model import Applicability, Applied, Broken, Fix, HeldBack
from adapterlint.writing import diff, write

if TYPE_CHECKING:
    from adapterlint.artifacts.source import Source
    from adapterlint.model import Edit, Finding

__all__ = ["Plan", "diff", "plan", "write"]

_LINE_END = re.compile(r"\r\n?|\n")
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
    claimed = []
    for finding in findings:
        reason = file.claim(finding) if finding.fix is not None else ""
        if reason:
            held_back.append(_held(finding, reason))
        else:
            claimed.append(finding)
    unsound = file.settle()
    held_back += [_held(finding, unsound[id(finding)]) for finding in claimed if id(finding) in unsound]
    taken = [finding for finding in claimed if id(finding) not in unsound]
    new = file.render() if taken else None
    if new is None or new == data:
        reason = "it changes nothing" if new == data else "the notebook would no longer be valid"
        held_back += [_held(finding, reason) for finding in taken]
        return None
    applied += [_applied(finding) for finding in taken]
    return new


class _Group(NamedTuple):
    """A fix and the edits of it that no other fix makes as well."""

    finding: Finding
    edits: tuple[Edit, ...]


class _File:
    """One file and the edits of it, by cell: those claimed, which do not overlap, and those that proved sound."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.edits: dict[int | None, list[Edit]] = {}
        self._cells = {cell.index: cell for cell in source.cells}
        self._claimed: dict[int | None, list[Edit]] = {}  # by start
        self._ends: dict[int | None, str] = {}
        self._groups: list[_Group] = []
        self._compiles: dict[int | None, bool] = {}
        self._errors: dict[int | None, int] = {}

    def claim(self, finding: Finding) -> str:
        """Lay hold of the characters that the finding's fix edits, or say why not."""
        fresh: list[Edit] = []
        for edit in finding.fix.edits if finding.fix is not None else ():
            cell = self._cells.get(edit.cell)
            if cell is None or not 0 <= edit.span.start <= edit.span.end <= len(cell.text):
                return "the file is no longer what was checked"
            if edit.cell not in self._ends:
                self._ends[edit.cell] = _usual_line_end(cell.text)
            edit = replace(edit, content=_LINE_END.sub(self._ends[edit.cell], edit.content))
            near = _near(self._claimed.get(edit.cell, ()), edit)
            if edit in near or edit in fresh:
                continue
            if any(_overlap(edit, other) for other in near):
                return f"it overlaps another fix {_LATER}"
            if any(edit.cell == other.cell and _overlap(edit, other) for other in fresh):
                return "its edits overlap each other"
            fresh.append(edit)
        for edit in fresh:
            insort(self._claimed.setdefault(edit.cell, []), edit, key=_start)
        self._groups.append(_Group(finding, tuple(fresh)))
        return ""

    def settle(self) -> dict[int, str]:
        """Keep the fixes that leave their cells sound; why not the others, by the identity of the finding.

        A cell is parsed once where all its fixes are sound, else they are halved until the unsound ones are alone.
        """
        unsound: dict[int, str] = {}
        waiting = self._by_cell()
        while waiting:
            groups = waiting.pop()
            reason = self._keep([edit for group in groups for edit in group.edits])
            if reason and len(groups) == 1:
                unsound[id(groups[0].finding)] = reason
            elif reason:
                middle = len(groups) // 2
                waiting += [groups[middle:], groups[:middle]]
        return unsound

    def _by_cell(self) -> list[list[_Group]]:
        """The fixes of each cell; those of several cells are apart, after all others."""
        cells: dict[int | None, list[_Group]] = {}
        several = []
        for group in self._groups:
            touched = {edit.cell for edit in group.edits}
            if len(touched) == 1:
                cells.setdefault(touched.pop(), []).append(group)
            elif touched:
                several.append([group])
        return [*reversed(several), *reversed(cells.values())]

    def _keep(self, edits: Sequence[Edit]) -> str:
        """Make the edits, or say why one of their cells cannot take them on top of those it has."""
        cells = {edit.cell: [*self.edits.get(edit.cell, ())] for edit in edits}
        for edit in edits:
            cells[edit.cell].append(edit)
        sound: dict[int | None, int] = {}
        for index, wanted in cells.items():
            after = Cell(_edited(self._cells[index].text, wanted), index, node=self._cells[index].node)
            try:
                self.source.encode(after.text)
            except UnicodeEncodeError:
                # A lone surrogate that a notebook writes as an escape stays an escape.
                if self.source.kind == "py":
                    return f"the file's encoding ({self.source.encoding}) cannot write it"
            found = self._errors_after(index, after)
            if found is None:
                return "it would add a syntax error"
            sound[index] = found
        self.edits |= cells
        self._errors |= sound
        return ""

    def _errors_after(self, index: int | None, after: Cell) -> int | None:
        """The syntax errors after the edits, None where they add one.

        As this Python sees it, or ast-grep where it could not read the cell before.
        """
        before = self._cells[index]
        if index not in self._compiles:
            self._compiles[index] = compiles(before.masked)
            self._errors[index] = 0 if self._compiles[index] else errors(before)
        if self._compiles[index]:
            return 0 if compiles(after.masked) else None
        found = errors(after)
        return found if found <= self._errors[index] else None

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


def _start(edit: Edit) -> tuple[int, int]:
    return edit.span.start, edit.span.end


def _near(edits: Sequence[Edit], edit: Edit) -> Sequence[Edit]:
    """Those of the edits, none of which overlap and which stand by start, that the edit may overlap or equal."""
    first = bisect_left(edits, (edit.span.start, -1), key=_start)
    return edits[max(0, first - 1) : bisect_left(edits, (max(edit.span.end, edit.span.start + 1), -1), key=_start)]


def _usual_line_end(text: str) -> str:
    """The line end that most lines of the text have."""
    pairs = text.count("\r\n")
    counts = {"\n": text.count("\n") - pairs, "\r\n": pairs, "\r": text.count("\r") - pairs}
    return max(counts, key=lambda end: counts[end])


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
