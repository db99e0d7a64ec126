"""Counts, sizes and places in the words of a person; plain text, not yet neutralised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from adapterlint.model import Severity
from adapterlint.model.findings import clipped

if TYPE_CHECKING:
    from adapterlint.model import Finding, Place

_MAX_POINTER = 240
TENSOR_FILES = (".safetensors", ".bin", ".pt", ".pth", ".npz")


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 adapter`, `1,204 adapters`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def size(nbytes: int) -> str:
    """Bytes as a person says them, decimal: `31 MB`, `4.2 GB`; three figures at most."""
    if nbytes < 1000:
        return count(nbytes, "byte")
    amount, units = nbytes / 1000, ["kB", "MB", "GB", "TB"]
    while amount >= 999.5 and len(units) > 1:
        amount /= 1000
        del units[0]
    return f"{amount:.{1 if amount < 9.95 else 0}f} {units[0]}"


def joined(parts: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *head, last = parts
    return f"{', '.join(head)} and {last}" if head else last


def where(place: Place) -> str:
    """The place within its file: `cell 19 [12], line 14, column 9`, `line 4, column 8, /r`, `tensor …`; or ""."""
    parts = []
    if place.cell is not None:
        ran = "" if place.execution_count is None else f" [{place.execution_count}]"
        parts.append(f"cell {place.cell}{ran}")
    if place.line is not None:
        parts.append(f"line {place.line}")
    if place.column is not None and place.line is not None:
        parts.append(f"column {place.column}")
    if place.pointer:
        tensor = place.path.endswith(TENSOR_FILES) or not place.pointer.startswith("/")
        pointer = clipped(place.pointer, _MAX_POINTER)
        parts.append(f"tensor {pointer}" if tensor else pointer)
    return ", ".join(parts)


def severities(findings: Iterable[Finding]) -> str:
    """`3 errors, 1 warning`, the gravest first; info and hint have no plural."""
    counts = Counter(f.severity for f in findings)
    nouns = {Severity.info: "info", Severity.hint: "hint"}
    return ", ".join(
        count(counts[severity], str(severity), nouns.get(severity, "")) for severity in sorted(counts, reverse=True)
    )
