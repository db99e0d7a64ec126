"""Renderings of a `Report`: one module per format, loaded by name, each with the two members of `Format`."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, cast

from adapterlint.errors import UsageError
from adapterlint.report.interface import Format, Options

if TYPE_CHECKING:
    from adapterlint.model import Report

FORMATS: tuple[str, ...] = ("text", "json", "sarif", "github")


def render(
    report: Report,
    format: str,
    *,
    color: bool = False,
    quiet: bool = False,
    statistics: bool = False,
    width: int = 100,
    encoding: str = "utf-8",
    paths: Sequence[str] = (),
) -> str:
    """`report` as text of one of `FORMATS`, ending with a newline, or "" where there is nothing to say.

    The machine formats are the same for the same findings: sorted, without wall time, colour or width; `quiet` and
    `statistics` change the text format only. What comes back can be written with `encoding`; json and sarif are ASCII.
    `paths` are those the user named, for the sentence that says that nothing was there. UsageError: unknown format.
    """
    if format not in FORMATS:
        raise UsageError(f"there is no output format {format!r}", f"the formats are {', '.join(FORMATS)}")
    renderer = cast(Format, import_module(f"adapterlint.report.{format}"))
    return renderer.render(report, Options(color, quiet, statistics, width, encoding, tuple(paths)))
