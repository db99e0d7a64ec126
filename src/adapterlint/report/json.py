"""Version 1 of the JSON report; docs/json.md describes it. Keys and their meaning change only with `VERSION`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from adapterlint.report import order

if TYPE_CHECKING:
    from adapterlint.model import Finding, Report
    from adapterlint.report.interface import Options

name = "json"
VERSION = 1


def render(report: Report, options: Options) -> str:
    """The report as one indented JSON object in ASCII, the same bytes for the same findings."""
    return json.dumps(escaped(document(report)), indent=2, allow_nan=False) + "\n"


def document(report: Report) -> dict[str, Any]:
    """The object that is written; wall time is left out, since it differs from run to run."""
    checked = report.checked
    return {
        "version": VERSION,
        "level": str(report.level),
        "findings": [of_finding(finding, report) for finding in order.shown(report)],
        "verdicts": [
            {"path": v.path, "status": str(v.status), "reason": v.reason, "rules": list(v.rules)}
            for v in order.verdicts(report)
        ],
        "checked": {
            "adapters": checked.adapters,
            "models": checked.models,
            "notebooks": checked.notebooks,
            "scripts": checked.scripts,
            "tensors": checked.tensors,
            "bytes": checked.bytes,
        },
        "skipped": [{"path": s.path, "what": s.what, "reason": s.reason} for s in order.skipped(report)],
        "applied": [fields(entry) for entry in order.account(report.applied)],
        "held_back": [fields(entry) for entry in order.account(report.held_back)],
        "diffs": list(report.diffs),
        "suppressed": len(report.suppressed),
        "hidden": len(order.hidden(report)),
        "crashed": report.crashed,
    }


def of_finding(finding: Finding, report: Report) -> dict[str, Any]:
    """One finding, flat: what and how grave, then where."""
    rule, place = order.rule_of(report.rules, finding.rule), finding.place
    return {
        "rule": finding.rule,
        "family": rule.family if rule else "",
        "severity": str(finding.severity),
        "message": finding.message,
        "path": place.path,
        "cell": place.cell,
        "execution_count": place.execution_count,
        "line": place.line,
        "column": place.column,
        "file_line": place.file_line,
        "pointer": place.pointer,
        "fixable": order.is_fixable(finding),
    }


def fields(entry: Any) -> dict[str, Any]:
    """A fix of the account; one that was held back has a reason besides."""
    names = ("path", "rule", "title", "reason", "cell", "line", "note")
    return {key: getattr(entry, key) for key in names if hasattr(entry, key)}


def escaped(value: Any) -> Any:
    """`value` with every lone surrogate (a byte of a path or a text that is not UTF-8) written as a backslash escape.

    Python would read a lone `\\\\udcff` back, but strict readers refuse the whole document for it.
    """
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {key: escaped(item) for key, item in value.items()}
    return [escaped(item) for item in value] if isinstance(value, list) else value
