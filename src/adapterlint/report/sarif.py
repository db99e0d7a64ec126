"""SARIF 2.1.0, as code scanning reads it: lines are those of the file on disk, for a notebook those of the .ipynb.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
import re
from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from adapterlint import __version__
from adapterlint.model import Severity
from adapterlint.report import order, words
from adapterlint.report.json import escaped

if TYPE_CHECKING:
    from adapterlint.model import Finding, Place, Report, Rule, Skipped
    from adapterlint.report.interface import Options

name = "sarif"
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Severity.error: "error", Severity.warning: "warning", Severity.info: "note", Severity.hint: "note"}


def render(report: Report, options: Options) -> str:
    """The report as one indented SARIF log in ASCII, the same bytes for the same findings."""
    return json.dumps(escaped({"$schema": SCHEMA, "version": "2.1.0", "runs": [run(report)]}), indent=2) + "\n"


def run(report: Report) -> dict[str, Any]:
    """The only run of the log: the rules that were found, the findings, what was not looked at."""
    shown = order.shown(report)
    ids = sorted({finding.rule for finding in shown})
    driver = {"name": "adapterlint", "semanticVersion": __version__, "rules": [descriptor(i, report) for i in ids]}
    seen: Counter[str] = Counter()
    return {
        "tool": {"driver": driver},
        "invocations": [
            {
                "executionSuccessful": not report.crashed,
                "toolExecutionNotifications": [notification(entry) for entry in order.skipped(report)],
            }
        ],
        "columnKind": "unicodeCodePoints",
        "results": [result(finding, ids.index(finding.rule), seen) for finding in shown],
    }


def descriptor(rule_id: str, report: Report) -> dict[str, Any]:
    """A rule as SARIF tells of it: its summary, and the why with its references as help."""
    rule = order.rule_of(report.rules, rule_id)
    if rule is None:
        return {"id": rule_id}
    described: dict[str, Any] = {
        "id": rule_id,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.summary},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "help": {"text": rule.why.strip() or rule.summary, "markdown": markdown(rule)},
        "properties": {"tags": [rule.family], "since": rule.since},
    }
    links = [reference for reference in rule.references if reference.startswith(("https://", "http://"))]
    return described | ({"helpUri": links[0]} if links else {})


def markdown(rule: Rule) -> str:
    """The why of a rule as a page."""
    references = "\n".join(f"- {reference}" for reference in rule.references)
    parts = [f"# {rule.id}", rule.summary, rule.why.strip(), f"## References\n\n{references}" if references else ""]
    return "\n\n".join(part for part in parts if part) + "\n"


def result(finding: Finding, index: int, seen: Counter[str]) -> dict[str, Any]:
    """One finding. `seen` counts fingerprints, so that two alike findings of a file stay two."""
    place = finding.place
    found: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": LEVELS[finding.severity],
        "message": {"text": literal(finding.message)},
        "locations": [location(place)],
    }
    if finding.related:
        found["relatedLocations"] = [
            location(other) | {"message": {"text": literal(other.note or words.where(other) or other.path)}}
            for other in finding.related
        ]
    print_of = fingerprint(finding)
    seen[print_of] += 1
    known = {"cell": place.cell, "executionCount": place.execution_count, "pointer": place.pointer}
    properties = {key: value for key, value in known.items() if value is not None}
    if finding.fix is not None:
        properties["fix"] = finding.fix.title
    found["partialFingerprints"] = {"adapterlint/v1": f"{print_of}:{seen[print_of]}"}
    return found | {"properties": properties | {"fixable": order.is_fixable(finding)}}


def fingerprint(finding: Finding) -> str:
    """What stays when lines above are added: rule, path, tensor or key, and the underlined line of code."""
    place = finding.place
    code = place.excerpt.rstrip("\r\n").rpartition("\n")[2].strip()
    parts = "\0".join((finding.rule, place.path, place.pointer or "", code))
    return sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def location(place: Place) -> dict[str, Any]:
    """A physical location, and the tensor or key as a logical one.

    Code scanning refuses a result without a line, so a fault of a whole file (or of a tensor) is put at line 1.
    """
    region: dict[str, Any] = {"startLine": max(1, place.file_line or (place.line if place.cell is None else None) or 1)}
    if place.cell is None and place.line is not None and place.column is not None:
        region["startColumn"] = place.column
        line = place.excerpt.rstrip("\r\n").rpartition("\n")[2]
        end = place.column + (place.span.end - place.span.start if place.span else 0)
        if place.column < end <= len(line) + 1:
            region["endColumn"] = end
    physical = {"artifactLocation": {"uri": uri(place.path)}, "region": region}
    logical = {"logicalLocations": [{"fullyQualifiedName": place.pointer}]} if place.pointer else {}
    return {"physicalLocation": physical, **logical}


def notification(entry: Skipped) -> dict[str, Any]:
    """Something that was not looked at."""
    text = f"{entry.what} not looked at: {entry.reason}" if entry.reason else f"{entry.what} not looked at"
    where = {"locations": [{"physicalLocation": {"artifactLocation": {"uri": uri(entry.path)}}}]} if entry.path else {}
    return {"level": "note", "message": {"text": literal(text)}, **where}


def literal(text: str) -> str:
    """`text` without embedded links (section 3.11.6): a name read from a file must not become one."""
    return re.sub(r"\[(?=[^\]]*\]\()", r"\\[", text)


def uri(path: str) -> str:
    """`path` as a relative reference, or a file: address where it is absolute; bytes that are not UTF-8 are kept."""
    try:
        raw = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raw = path.encode("utf-8", "surrogatepass")
    if path[1:3] == ":/" and path[0].isalpha():
        return "file:///" + path[:2] + quote(raw[2:], safe="/")
    return f"file://{quote(raw, safe='/')}" if path.startswith("/") else quote(raw, safe="/").removeprefix("./") or "."
