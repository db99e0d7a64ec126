"""Which parts of a report are shown, and in which order: the same for every format."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from adapterlint.model import Applicability

if TYPE_CHECKING:
    from adapterlint.model import Applied, Finding, HeldBack, Place, Report, Rule, Severity, Skipped, Verdict

# Raised by the engine itself when a rule fails; hiding it would call clean what was not looked at.
CRASHED = "check-crashed"


def shown(report: Report) -> list[Finding]:
    """The findings at or above the level of the report, and every crashed check, in order of place."""
    return sorted((f for f in report.findings if is_shown(f, report.level)), key=finding_key)


def hidden(report: Report) -> list[Finding]:
    """The findings below the level of the report."""
    return [f for f in report.findings if not is_shown(f, report.level)]


def is_shown(finding: Finding, level: Severity) -> bool:
    """Whether `--level` lets the finding through."""
    return finding.severity >= level or finding.rule == CRASHED


def verdicts(report: Report) -> list[Verdict]:
    """The verdicts in order of path."""
    return sorted(report.verdicts, key=lambda v: (natural(v.path), v.status.value, v.reason))


def skipped(report: Report) -> list[Skipped]:
    """What was not looked at, in order of path, each once."""
    return sorted(set(report.skipped), key=lambda s: (natural(s.path), natural(s.what), s.reason))


def account(entries: Iterable[Applied] | Iterable[HeldBack]) -> list[Applied | HeldBack]:
    """Fixes in order of place."""
    return sorted(entries, key=lambda e: (natural(e.path), number(e.cell), number(e.line), e.rule, e.title))


def finding_key(finding: Finding) -> tuple[object, ...]:
    """Order of findings: place first, then rule, so that a report reads as the file does."""
    return (*place_key(finding.place), finding.rule, finding.message, -finding.severity)


def place_key(place: Place) -> tuple[object, ...]:
    """Order of places: path, cell, line, column, then tensor name or JSON pointer."""
    where = (number(place.cell), number(place.line), number(place.column))
    return (natural(place.path), *where, natural(place.pointer or ""))


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key that puts checkpoint-9 before checkpoint-10; distinct texts have distinct keys.

    Digits are compared as text of known length: a file name may hold more digits than `int` accepts.
    """
    parts = []
    for part in re.split("([0-9]+)", text):
        digits = part.lstrip("0")
        numeric = part.isdigit() and part.isascii()
        parts.append((1, len(digits), digits) if numeric else (0, 0, part))
    return (*parts, (0, 0, text))


def number(value: int | None) -> int:
    """`value`, or -1 so that what has no line comes before what has one."""
    return -1 if value is None else value


def rule_of(rules: Mapping[str, Rule], rule: str) -> Rule | None:
    """The rule, or None for one that is on no shelf (a check that crashed while it was loaded)."""
    return rules.get(rule)


def is_fixable(finding: Finding) -> bool:
    """Whether `--autofix`, perhaps with `--unsafe-fixes`, would mend it: its fix edits, and is not only for show."""
    return finding.fix is not None and bool(finding.fix.edits) and finding.fix.applicability > Applicability.display
