"""The account of a run: what was mended, what was held back and why, the diffs, and what was not looked at."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING

from adapterlint.model import HeldBack, Place
from adapterlint.report import order, words
from adapterlint.report.findings import body

if TYPE_CHECKING:
    from adapterlint.model import Applied, Report, Skipped
    from adapterlint.report.screen import Screen

# More groups of skipped things than this are counted: the machine formats list them all.
SKIPS_LISTED = 12
NAMES_LISTED = 3


def applied(report: Report, screen: Screen) -> list[str]:
    """`1 fix in 1 file` and the fixes; with diffs nothing was written, and it says so."""
    if not report.applied:
        return []
    files = len({entry.path for entry in report.applied})
    verb = "would apply" if report.diffs else "applied"
    head = f"{verb} {words.count(len(report.applied), 'fix', 'fixes')} in {words.count(files, 'file')}"
    return [screen.paint(head, "bold", "green"), *entries(report.applied, screen)]


def held_back(report: Report, screen: Screen) -> list[str]:
    """The fixes that were not written, each with its reason."""
    if not report.held_back:
        return []
    head = f"held back {words.count(len(report.held_back), 'fix', 'fixes')}"
    return [screen.paint(head, "bold", "yellow"), *entries(report.held_back, screen)]


def entries(fixes: Iterable[Applied] | Iterable[HeldBack], screen: Screen) -> list[str]:
    """One fix after the other: place and rule, then the title, then why it was held back and what it assumed."""
    lines: list[str] = []
    for fix in order.account(fixes):
        where = words.where(Place(fix.path, cell=fix.cell, line=fix.line))
        name = ", ".join(part for part in (fix.path, where) if part)
        lines.append(f"  {screen.plain(name)}   {screen.paint(screen.plain(fix.rule), 'cyan')}")
        lines += body(fix.title, screen)
        if isinstance(fix, HeldBack):
            lines += body(fix.reason, screen, "not applied: ", "yellow")
        if fix.note:
            lines += body(fix.note, screen)
    return lines


def diffs(report: Report, screen: Screen) -> list[str]:
    """The unified diffs, as `git apply` reads them but for control characters, which are written as escapes."""
    colors = {"+": "green", "-": "red", "@": "cyan"}
    lines = []
    for diff in report.diffs:
        for line in diff.removesuffix("\n").split("\n"):
            text = "\t".join(screen.plain(part) for part in line.removesuffix("\r").split("\t"))
            bold = ["bold"] if text.startswith(("+++", "---")) else [colors[text[0]]] if text[:1] in colors else []
            lines.append(screen.paint(text, *bold))
    return lines


def skipped(report: Report, screen: Screen) -> list[str]:
    """What was not looked at, grouped by path and reason, so that nothing unread passes for clean."""
    groups = [
        (path, reason, [entry.what for entry in group])
        for (path, reason), group in groupby(by_reason(report), key=lambda entry: (entry.path, entry.reason))
    ]
    if not groups:
        return []
    lines = [screen.paint("not looked at", "bold")]
    for path, reason, whats in groups[:SKIPS_LISTED]:
        subject = screen.plain(f"{path}: {named(whats)}" if path else named(whats))
        first, *rest = body(f"{subject}: {reason}" if reason else subject, screen)
        lines += [first[2:], *rest]
    if len(groups) > SKIPS_LISTED:
        lines.append(f"  and {len(groups) - SKIPS_LISTED:,} more (--output-format json lists them all)")
    return lines


def by_reason(report: Report) -> list[Skipped]:
    """The skipped things, those of one path and one reason side by side."""
    return sorted(order.skipped(report), key=lambda entry: (order.natural(entry.path), entry.reason))


def named(whats: list[str]) -> str:
    """`values`, `rules inert-adapter and half-a-pair`, `14 rules`."""
    rules = [what.removeprefix("rule ") for what in whats if what.startswith("rule ")]
    others = [what for what in whats if not what.startswith("rule ")]
    if len(rules) > NAMES_LISTED:
        others.append(words.count(len(rules), "rule"))
    elif rules:
        others.append(f"{'rule' if len(rules) == 1 else 'rules'} {words.joined(rules)}")
    return words.joined(others)
