"""What every output format offers, and what it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from adapterlint.model import Report


class Options(NamedTuple):
    """How to render: `width` in columns, `encoding` of the stream the text is written to, `paths` the user named."""

    color: bool = False
    quiet: bool = False
    statistics: bool = False
    width: int = 100
    encoding: str = "utf-8"
    paths: tuple[str, ...] = ()


class Format(Protocol):
    """An output format; the modules text, json, sarif and github are such objects."""

    name: str

    def render(self, report: Report, options: Options) -> str:
        """`report` in this format, ending with a newline, or ""."""
        ...
