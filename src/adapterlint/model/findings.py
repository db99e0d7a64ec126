"""What is found, and how it may be mended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapterlint.model.kinds import Applicability, Severity, Status
    from adapterlint.model.places import Place, Span


def clipped(text: str, length: int) -> str:
    """`text` in at most `length` characters, the middle left out."""
    if len(text) <= length:
        return text
    head = length * 2 // 3
    return f"{text[:head]} … {text[head + 3 - length :]}"


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the characters of `span` in `path` (in cell `cell` of a notebook) by `content`."""

    path: str
    cell: int | None
    span: Span
    content: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that apply together or not at all. `note`: what the fix assumed (a version), what would change it."""

    title: str
    applicability: Applicability
    edits: tuple[Edit, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault at one place, born from `Rule.finding` only. `status`: what the fault makes of its adapter."""

    rule: str
    severity: Severity
    message: str
    place: Place
    related: tuple[Place, ...] = ()
    fix: Fix | None = None
    status: Status | None = None
