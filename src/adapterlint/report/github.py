"""Workflow commands of GitHub Actions: each finding becomes an annotation at its physical line.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapterlint.model import Severity
from adapterlint.report import order, words
from adapterlint.report.screen import Screen

if TYPE_CHECKING:
    from adapterlint.model import Finding, Report
    from adapterlint.report.interface import Options

name = "github"
COMMANDS = {Severity.error: "error", Severity.warning: "warning", Severity.info: "notice", Severity.hint: "notice"}


def render(report: Report, options: Options) -> str:
    """One command a line; "" where there is nothing to annotate. Paths stay as they are where the encoding has them."""
    screen = Screen(encoding=options.encoding)
    return "".join(command(finding, screen) + "\n" for finding in order.shown(report))


def command(finding: Finding, screen: Screen) -> str:
    """`::error file=…,line=…,col=…,title=…::message`. A cell is named in the message: `line` is that of the .ipynb."""
    place = finding.place
    line = place.file_line if place.file_line is not None else None if place.cell is not None else place.line
    column = place.column if place.cell is None and line is not None else None
    properties = {"file": place.path, "line": line, "col": column, "title": f"{finding.rule} ({finding.severity})"}
    told = ",".join(f"{key}={escape(str(v), screen, ':,')}" for key, v in properties.items() if v is not None)
    where = words.where(place) if place.cell is not None or place.pointer else ""
    message = f"{finding.message} ({where})" if where else finding.message
    if finding.fix is not None:
        message += f"\nfix: {finding.fix.title}"
    return f"::{COMMANDS[finding.severity]} {told}::{escape(message, screen)}"


def escape(text: str, screen: Screen, separators: str = "") -> str:
    """`text` in the escapes of a workflow command; `separators` are the further characters that end a property."""
    lines = [screen.plain(line).replace("%", "%25") for line in text.split("\n")]
    escaped = "%0A".join(lines)
    for char in separators:
        escaped = escaped.replace(char, f"%{ord(char):02X}")
    return escaped
