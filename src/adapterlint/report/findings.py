"""Findings as a person reads them: the place, the lines of code, what is the matter, and whether it can be mended."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from adapterlint.model import Applicability, Severity
from adapterlint.report import excerpt, order, words
from adapterlint.report.screen import columns, pad

if TYPE_CHECKING:
    from adapterlint.model import Finding, Fix, Place, Report
    from adapterlint.report.screen import Screen

COLORS: dict[Severity, tuple[str, ...]] = {
    Severity.error: ("bold", "red"),
    Severity.warning: ("yellow",),
    Severity.info: ("cyan",),
    Severity.hint: ("dim",),
}
MEND = {
    Applicability.safe: "--autofix",
    Applicability.unsafe: "--autofix --unsafe-fixes",
    Applicability.display: "shown only",
}
BODY = "    "
SAID = "   see its verdict above"


def sections(shown: list[Finding], report: Report, screen: Screen) -> list[list[str]]:
    """The findings by file: first, a line each, those of which the verdict table has said all, then the others."""
    brief: list[Finding] = []
    full: list[list[str]] = []
    said = reasons_by_path(report)
    for path, group in groupby(shown, key=lambda finding: finding.place.path):
        found, reasons = list(group), said_of(path, said)
        if all(is_said(finding, reasons) and is_bare(finding) for finding in found):
            brief += found
        else:
            full.append(of_file(path, found, reasons, screen))
    return [briefly(brief, screen), *full]


def is_bare(finding: Finding) -> bool:
    """Whether there is nothing to show but severity, rule and message: the fault is of the whole file."""
    return not (words.where(finding.place) or finding.place.note or finding.related or finding.fix)


def briefly(found: list[Finding], screen: Screen) -> list[str]:
    """One line each, in columns: path, severity, rule."""
    paths = [screen.plain(finding.place.path) for finding in found]
    rules = [screen.plain(finding.rule) for finding in found]
    limit = max(20, screen.width * 3 // 5)
    wide = max((columns(path) for path in paths if columns(path) <= limit), default=0)
    rule_wide = max((columns(rule) for rule in rules), default=0)
    lines = []
    for finding, path, rule in zip(found, paths, rules, strict=True):
        severity = screen.paint(f"{finding.severity!s:<7}", *COLORS[finding.severity])
        head = screen.paint(pad(path, wide), "bold")
        lines.append(f"{head}   {severity}  {screen.paint(pad(rule, rule_wide), 'cyan')}{SAID}")
    return lines


def of_file(path: str, found: list[Finding], reasons: frozenset[str], screen: Screen) -> list[str]:
    """The findings of one file under its name; `reasons` are the sentences that the verdict table holds."""
    lines = [screen.paint(screen.plain(path), "bold")]
    for index, finding in enumerate(found):
        lines += [""] if index else []
        lines += of_finding(finding, screen, said=is_said(finding, reasons))
    return lines


def reasons_by_path(report: Report) -> dict[str, frozenset[str]]:
    """What the verdict table says of each adapter."""
    reasons: dict[str, set[str]] = {}
    for verdict in report.verdicts:
        reasons.setdefault(verdict.path, set()).add(verdict.reason)
    return {path: frozenset(said) for path, said in reasons.items()}


def said_of(path: str, reasons: dict[str, frozenset[str]]) -> frozenset[str]:
    """The sentences of the verdict table about the adapter that `path` is or lies in."""
    folder = path.rpartition("/")[0] or "."
    return reasons.get(path, frozenset()) | reasons.get(folder, frozenset())


def is_said(finding: Finding, reasons: frozenset[str]) -> bool:
    """Whether the verdict table holds the message, or all of it but a last clause (", so the base is unchanged")."""
    return any(finding.message == reason or finding.message.startswith(f"{reason},") for reason in reasons if reason)


def of_finding(finding: Finding, screen: Screen, *, said: bool) -> list[str]:
    """Heading, excerpt, message, related places, fix. `said`: the verdict table holds the message."""
    lines = heading(finding, screen, said=said)
    if finding.place.excerpt:
        lines += excerpt.draw(finding.place, screen, BODY, *COLORS[finding.severity])
    if not said:
        lines += body(finding.message, screen)
    if finding.place.note and not finding.place.excerpt:
        lines += body(finding.place.note, screen)
    for place in finding.related:
        lines += of_related(place, finding.place, screen)
    return lines + (of_fix(finding.fix, screen) if finding.fix else [])


def heading(finding: Finding, screen: Screen, *, said: bool) -> list[str]:
    """`cell 19 [12], line 14, column 9   error  rule-id`, on two lines where one is too narrow."""
    where = screen.plain(words.where(finding.place))
    severity = screen.paint(str(finding.severity), *COLORS[finding.severity])
    rule = screen.plain(finding.rule)
    what = f"{severity}  {screen.paint(rule, 'cyan')}" + (SAID if said else "")
    wide = 2 + columns(where) + 3 + len(str(finding.severity)) + 2 + columns(rule) + (len(SAID) if said else 0)
    if where and wide > screen.width:
        return [f"  {where}", f"  {what}"]
    return [f"  {where}   {what}" if where else f"  {what}"]


def body(text: str, screen: Screen, lead: str = "", *styles: str) -> list[str]:
    """`text` wrapped below the heading; the first line begins with `lead`, the others align with what follows it."""
    paragraphs = text.split("\n")
    room = screen.width - len(BODY) - len(lead)
    lines = [line for paragraph in paragraphs for line in screen.wrap(paragraph, room)]
    hang = " " * len(lead)
    return [BODY + (screen.paint(lead, *styles) if not index else hang) + line for index, line in enumerate(lines)]


def of_related(place: Place, main: Place, screen: Screen) -> list[str]:
    """`see cell 3 [2], line 5: …`, with its lines of code unless those of `main` already show them.

    What place and `main` have in common, the file and the cell, is not said again.
    """
    same_text = (place.path, place.cell) == (main.path, main.cell)
    where = words.where(replace(place, cell=None) if same_text else place)
    at = screen.plain(where if where and place.path == main.path else ", ".join(filter(None, (place.path, where))))
    above = main.excerpt.removesuffix("\n").count("\n")
    shown = same_text and place.line and main.line and main.line - above <= place.line <= main.line
    if shown or not place.excerpt:
        return body(f"{at}: {place.note}" if place.note else at, screen, "see ", "dim")
    return [*body(at, screen, "see ", "dim"), *excerpt.draw(place, screen, BODY, "dim")]


def of_fix(fix: Fix, screen: Screen) -> list[str]:
    """What would mend it and how; the code of a fix that is only shown, since it is seen nowhere else."""
    lines = body(f"{fix.title}   ({MEND[fix.applicability]})", screen, "fix: ", "green")
    if fix.note:
        lines += body(fix.note, screen, "     ")
    if fix.applicability is Applicability.display:
        code = [line for edit in fix.edits for line in edit.content.expandtabs(4).splitlines()]
        lines += [f"{BODY}     {screen.paint('+ ' + screen.plain(line), 'green')}" for line in code]
    return lines


def one_line(finding: Finding, screen: Screen) -> str:
    """`path:4:8: error rule-id: message`; a notebook's place is `path:cell 19:14:9`, a tensor is named at the end."""
    place = finding.place
    cell = "" if place.cell is None else f":cell {place.cell}"
    numbers = "".join(f":{number}" for number in (place.line, place.column) if number is not None)
    pointer = f" [{place.pointer}]" if place.pointer else ""
    severity = screen.paint(str(finding.severity), *COLORS[finding.severity])
    where = screen.plain(place.path + cell + numbers)
    text = screen.plain(finding.message + pointer)
    mend = " (fixable)" if order.is_fixable(finding) else ""
    return f"{where}: {severity} {screen.plain(finding.rule)}: {text}{mend}"
