"""The verdict of every adapter, one line each, and the counts per rule."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from adapterlint.model import Status
from adapterlint.report import order, words
from adapterlint.report.screen import columns, pad

if TYPE_CHECKING:
    from adapterlint.model import Finding, Report, Verdict
    from adapterlint.report.screen import Screen

COLORS: dict[Status, tuple[str, ...]] = {
    Status.works: ("green",),
    Status.unknown: ("yellow",),
    Status.not_checked: ("yellow",),
    Status.partly_loaded: ("red",),
    Status.wrong: ("red",),
    Status.inert: ("red",),
    Status.loads_nothing: ("red",),
    Status.unreadable: ("red",),
}
# Beyond this many adapters those that work are counted, not listed: the others would be lost among them.
ALL_LISTED = 100
GAP = "   "


def verdicts(report: Report, screen: Screen) -> list[str]:
    """One line per adapter: path, status, reason, rule ids; what does not fit goes on below its own column."""
    rows = order.verdicts(report)
    working = [row for row in rows if row.status is Status.works]
    if len(rows) > ALL_LISTED:
        rows = [row for row in rows if row.status is not Status.works]
    paths = [screen.plain(row.path) for row in rows]
    limit = max(20, screen.width * 2 // 5)
    path_width = max((columns(path) for path in paths if columns(path) <= limit), default=0)
    status_width = max((len(str(row.status)) for row in rows), default=0)
    lines: list[str] = []
    for row, path in zip(rows, paths, strict=True):
        lines += verdict_lines(row, path, path_width, status_width, screen)
    if len(report.verdicts) > ALL_LISTED and working:
        noun = "more adapter" if rows else "adapter"
        said = words.count(len(working), f"{noun} works", f"{noun}s work")
        lines.append(screen.paint(said, "green"))
    return lines


def verdict_lines(row: Verdict, path: str, path_width: int, status_width: int, screen: Screen) -> list[str]:
    """The lines of one adapter. A path too long for its column stands on a line of its own."""
    before = path_width + status_width + 2 * len(GAP)
    room = max(30, screen.width - before)
    reason = screen.wrap(row.reason, room)
    rules = " ".join(screen.plain(rule) for rule in row.rules)
    painted = screen.paint(rules, "cyan")
    lines = [] if columns(path) <= path_width else [screen.paint(path, "bold")]
    start = " " * path_width if lines else screen.paint(pad(path, path_width), "bold")
    status = screen.paint(pad(str(row.status), status_width), *COLORS[row.status])
    body = list(reason)
    if rules and columns(reason[-1]) + len(GAP) + columns(rules) <= room:
        body[-1] += (GAP if reason[-1] else "") + painted
    elif rules:
        body.append(painted)
    lines.append(f"{start}{GAP}{status}{GAP}{body[0]}".rstrip())
    return lines + [" " * before + text for text in body[1:]]


def statistics(report: Report, shown: list[Finding], screen: Screen) -> list[str]:
    """How often each rule was found, the most frequent first: count, severity, id, what it is."""
    counts = Counter(finding.rule for finding in shown)
    rows = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    count_width = max((len(f"{number:,}") for number in counts.values()), default=0)
    id_width = max((columns(screen.plain(rule)) for rule in counts), default=0)
    lines = []
    for rule, number in rows:
        gravest = max(finding.severity for finding in shown if finding.rule == rule)
        known = order.rule_of(report.rules, rule)
        summary = screen.plain(known.summary) if known else ""
        label = pad(screen.plain(rule), id_width)
        lines.append(f"{number:>{count_width},}  {gravest!s:<7}  {label}  {summary}".rstrip())
    return lines
