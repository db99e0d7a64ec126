"""What became of fixes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Applied:
    """A fix that was written (or, with `--diff`, would be)."""

    path: str
    rule: str
    title: str
    cell: int | None = None
    line: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A fix that was not written, and why."""

    path: str
    rule: str
    title: str
    reason: str
    cell: int | None = None
    line: int | None = None
    note: str = ""
