"""Where something is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` up to but not including `end` of one text (one cell, one file)."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is: symbolic first (`pointer`: a JSON pointer or tensor name), then concrete.

    `cell` counts from 0 over all cells of a notebook; `line` and `column` count from 1 within the cell or file;
    `file_line` is the physical line of the file, for a notebook the line of the .ipynb. `note` labels the place in
    reports ("base_model is a SentenceTransformer (line 13)"). `span` is of `excerpt`'s text: the cell or file.
    `excerpt` holds the source line(s) up to and including `line`, the last of which is underlined.
    """

    path: str
    cell: int | None = None
    execution_count: int | None = None
    pointer: str | None = None
    span: Span | None = None
    line: int | None = None
    column: int | None = None
    file_line: int | None = None
    excerpt: str = ""
    note: str = ""
