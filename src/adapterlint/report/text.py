"""For people: verdicts first, then places, then what was mended, then what was looked at and what was not.

The rooms that draw verdicts, findings and fixes are opened only where there is one: most runs of a hook end in one
line.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from adapterlint.model import Status
from adapterlint.report import order, words
from adapterlint.report.screen import Screen, columns

if TYPE_CHECKING:
    from adapterlint.model import Finding, Report
    from adapterlint.report.interface import Options

name = "text"


def render(report: Report, options: Options) -> str:
    """The report as a person reads it, in sections apart by an empty line."""
    screen = Screen(max(40, options.width), options.color, options.encoding)
    shown = order.shown(report)
    sections = quiet_sections(report, shown, screen) if options.quiet else full_sections(report, shown, options, screen)
    if options.statistics:
        from adapterlint.report import table

        sections.append(table.statistics(report, shown, screen))
    return "".join("\n".join(section) + "\n" for section in spaced(sections))


def spaced(sections: list[list[str]]) -> list[list[str]]:
    """The sections that say something, all but the last with an empty line behind them."""
    full = [section for section in sections if section]
    return [[*section, ""] for section in full[:-1]] + full[-1:]


def quiet_sections(report: Report, shown: list[Finding], screen: Screen) -> list[list[str]]:
    """Findings, one line each, and the diffs, which were asked for."""
    if not (shown or report.diffs):
        return []
    from adapterlint.report import account, findings

    return [[findings.one_line(finding, screen) for finding in shown], account.diffs(report, screen)]


def full_sections(report: Report, shown: list[Finding], options: Options, screen: Screen) -> list[list[str]]:
    """Everything, in the order in which it answers: does it work, where is the fault, what was looked at."""
    sections: list[list[str]] = []
    if report.verdicts or shown or report.diffs or report.applied or report.held_back or report.skipped:
        from adapterlint.report import account, findings, table

        sections += [table.verdicts(report, screen), *findings.sections(shown, report, screen)]
        sections += [account.diffs(report, screen), account.applied(report, screen), account.held_back(report, screen)]
        sections.append(account.skipped(report, screen))
    return [*sections, summary(report, shown, options, screen)]


def summary(report: Report, shown: list[Finding], options: Options, screen: Screen) -> list[str]:
    """What was checked, then the counts."""
    lines = [looked_at(report, options, screen)]
    statuses = Counter(verdict.status for verdict in report.verdicts)
    if len(report.verdicts) > 1:
        from adapterlint.report import table

        met = [status for status in reversed(Status) if statuses[status]]
        said = [screen.paint(f"{statuses[status]:,} {status}", *table.COLORS[status]) for status in met]
        lines.append(f" {screen.dot} ".join(said))
    lines += packed(finding_counts(report, shown), screen)
    if shown:
        gravest = max(shown, key=lambda finding: finding.severity).rule
        lines.append(screen.paint(f"adapterlint explain {screen.plain(gravest)}: why, and how to mend it", "dim"))
    return lines


def looked_at(report: Report, options: Options, screen: Screen) -> str:
    """`4 adapters, 1 notebook, 144 tensors (31 MB) in 0.2 s; 1 not checked`, or that there was nothing."""
    checked = report.checked
    parts = [
        words.count(checked.adapters, "adapter"),
        words.count(checked.models, "full model (not an adapter)", "full models (not adapters)"),
        words.count(checked.notebooks, "notebook"),
        words.count(checked.scripts, "Python file"),
        words.count(checked.tensors, "tensor"),
    ]
    numbers = (checked.adapters, checked.models, checked.notebooks, checked.scripts, checked.tensors)
    parts = [part for part, number in zip(parts, numbers, strict=True) if number]
    if not parts:
        under = words.joined(screen.plain(path) for path in options.paths) if options.paths else ""
        return "nothing to check: no adapters, notebooks or Python files" + (f" under {under}" if under else "")
    if checked.tensors:
        parts[-1] += f" ({words.size(checked.bytes)})" if checked.bytes else " (no values read)"
    unread = sum(1 for verdict in report.verdicts if verdict.status is Status.not_checked)
    return f"{', '.join(parts)} in {seconds(checked.seconds)}" + (f"; {unread:,} not checked" if unread else "")


def seconds(value: float) -> str:
    """`0.2 s`, `2 min 5 s`."""
    if value < 59.95:
        return f"{max(value, 0.1):.1f} s"
    return f"{round(value) // 60} min {round(value) % 60} s"


def finding_counts(report: Report, shown: list[Finding]) -> list[str]:
    """How many findings, how grave, how many can be mended; then those that are not shown, and why."""
    nothing_checked = not (report.verdicts or report.findings or report.checked.notebooks or report.checked.scripts)
    parts = [] if nothing_checked else ["no findings"]
    if shown:
        parts = [f"{words.count(len(shown), 'finding')} ({words.severities(shown)})"]
        parts += fixable_counts(shown)
    if hidden := order.hidden(report):
        parts.append(f"{len(hidden):,} below --level {report.level} not shown ({words.severities(hidden)})")
    if report.suppressed:
        parts.append(f"{len(report.suppressed):,} suppressed by an ignore")
    return parts


def packed(parts: list[str], screen: Screen) -> list[str]:
    """The parts with a dot between them, as many on a line as fit."""
    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]} {screen.dot} {part}" if lines else part
        if lines and columns(longer) <= screen.width:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


def fixable_counts(shown: list[Finding]) -> list[str]:
    """`2 fixable with --autofix`, and those that need `--unsafe-fixes` as well."""
    from adapterlint.report import findings

    counts = Counter(f.fix.applicability for f in shown if f.fix is not None and order.is_fixable(f))
    return [f"{counts[kind]:,} fixable with {findings.MEND[kind]}" for kind in sorted(counts, reverse=True)]
