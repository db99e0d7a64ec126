"""`adapterlint rules`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from adapterlint.cli.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from adapterlint.model import Rule
    from adapterlint.rehearsal import Trial


def rules(
    output_format: Annotated[Literal["text", "json"], typer.Option(help="The form of the list.")] = "text",
    test: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Try the YAML rules of a folder on their own examples, and list none."),
    ] = None,
) -> None:
    """List every rule: its highest severity, its family, whether it can be mended, and what it finds."""
    with guarded():
        if test is not None:
            _rehearse(test, output_format)
            return
        from adapterlint.cli.output import write
        from adapterlint.rulebook import Rulebook
        from adapterlint.settings import load

        book = Rulebook(load().rules)
        found = [book[id] for id in book]
        write(as_json(found) if output_format == "json" else table(found))


def _rehearse(folder: str, output_format: str) -> None:
    """Try the rules of the folder and say how each example went; exit code 1 if one did not go as it says."""
    from adapterlint.cli.output import write
    from adapterlint.rehearsal import rehearse

    trials = []
    for trial in rehearse(folder):
        trials.append(trial)
        if output_format == "text":
            write("".join(_told(trial)))
    failed = sum(bool(trial.failures) for trial in trials)
    if output_format == "json":
        import json

        write(json.dumps({"version": 1, "trials": [trial._asdict() for trial in trials]}, indent=2) + "\n")
    else:
        rules = len({trial.rule for trial in trials})
        write(f"{rules} rule{'s'[: rules != 1]}, {len(trials)} examples tried, {failed} failed\n")
    if failed:
        raise SystemExit(1)


def _told(trial: Trial) -> Iterator[str]:
    yield f"{'FAILED' if trial.failures else 'ok':<7} {trial.rule}{': ' if trial.example else ''}{trial.example}\n"
    yield from (f"        {failure}\n" for failure in trial.failures)


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
