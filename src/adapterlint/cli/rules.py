"""`adapterlint rules`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from adapterlint.cli.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adapterlint.model import Rule


def rules(
    output_format: Annotated[Literal["text", "json"], typer.Option(help="The form of the list.")] = "text",
) -> None:
    """List every rule: its highest severity, its family, whether it can be mended, and what it finds."""
    with guarded():
        from adapterlint.cli.output import write
        from adapterlint.rulebook import Rulebook
        from adapterlint.settings import load

        book = Rulebook(load().rules)
        found = [book[id] for id in book]
        write(as_json(found) if output_format == "json" else table(found))


def as_json(rules: Iterable[Rule]) -> str:
    """The list of rules as JSON."""
    import json

    entries = [
        {
            "id": rule.id,
            "severity": str(rule.severity),
            "family": rule.family,
            "fixable": rule.fixable,
            "summary": rule.summary,
            "since": rule.since,
        }
        for rule in rules
    ]
    return json.dumps({"version": 1, "rules": entries}, indent=2) + "\n"


def table(rules: Iterable[Rule]) -> str:
    """The list of rules as aligned columns."""
    head = ("rule", "severity", "family", "fix", "what it finds")
    rows = [head, *((r.id, str(r.severity), r.family, "yes" if r.fixable else "", r.summary) for r in rules)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = ("  ".join((*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[4])) for row in rows)
    return "\n".join(lines) + "\n"
