"""`adapterlint check`."""

# No `from __future__ import annotations` here: typer would evaluate two dozen annotations from text at every start.
import sys
from typing import TYPE_CHECKING, Any

from adapterlint.cli import options
from adapterlint.cli.guard import complain, guarded
from adapterlint.errors import UsageError

if TYPE_CHECKING:
    from adapterlint.session import Fixing, Outcome
    from adapterlint.settings import Settings


def check(
    paths: options.Paths = None,
    autofix: options.Autofix = False,
    unsafe_fixes: options.UnsafeFixes = False,
    diff: options.Diff = False,
    select: options.Select = None,
    ignore: options.Ignore = None,
    level: options.Level = None,
    target: options.Target = None,
    base: options.Base = None,
    fix_style: options.FixStyle = None,
    output_format: options.OutputFormat = None,
    output_file: options.OutputFile = None,
    exit_zero: options.ExitZero = False,
    statistics: options.Statistics = False,
    quiet: options.Quiet = False,
    color: options.Color = "auto",
    config: options.Config = None,
    isolated: options.Isolated = False,
    jobs: options.Jobs = None,
    no_default_path: options.NoDefaultPath = False,
    stdin_filename: options.StdinFilename = None,
) -> None:
    """Check adapters, notebooks and scripts.

    Exits 0 when nothing is found at or above the level, 1 for findings, 2 when something was asked wrongly or failed.
    """
    with guarded():
        from adapterlint.cli import output
        from adapterlint.session import Fixing
        from adapterlint.settings import load, versions_of

        settings = load(
            config,
            isolated=isolated,
            select=_split(select),
            ignore=_split(ignore),
            level=_severity(level),
            versions=versions_of(target) if target else None,
            base_model=base,
            fix_style=fix_style,
            output_format=output_format,
            jobs=jobs,
        )
        fixing = Fixing(write=autofix and not diff, diff=diff, unsafe=unsafe_fixes)
        named = list(paths or ([] if no_default_path else ["."]))
        outcome, missing, stdin = _run(named, stdin_filename, settings, fixing)
        if stdin is not None and fixing.write:
            output.raw(stdin[1] if outcome.stdin is None else outcome.stdin)
        output.report(
            outcome.report,
            settings.output_format,
            file=output_file,
            color=color,
            quiet=quiet,
            statistics=statistics,
            paths=named,
            to_stderr=stdin is not None and fixing.write,
        )
        raise SystemExit(_code(outcome, missing, exit_zero))


def _run(
    named: list[str], stdin_filename: str | None, settings: "Settings", fixing: "Fixing"
) -> "tuple[Outcome, list[str], tuple[str, bytes] | None]":
    """Check what exists of `named`; the rest comes back, to be told about after the report of the others."""
    import os

    from adapterlint.cli.progress import Progress
    from adapterlint.session import run

    stdin = _stdin(stdin_filename) if "-" in named else None
    if stdin is None and stdin_filename is not None:
        raise UsageError("--stdin-filename names what - reads, and no - is given", "adapterlint check - ...")
    paths = [path for path in named if path != "-"]
    existing = [path for path in paths if os.path.lexists(path)]
    missing = [path for path in paths if not os.path.lexists(path)]
    if missing and not existing and stdin is None:
        raise _missing(missing)
    progress: Any = Progress(sys.stderr)
    try:
        outcome = run(existing, settings, progress=progress if progress.watched else None, stdin=stdin, fixing=fixing)
    finally:
        progress.clear()
    return outcome, missing, stdin


def _code(outcome: "Outcome", missing: list[str], exit_zero: bool) -> int:
    from adapterlint.session import exit_code

    if missing:
        error = _missing(missing)
        complain(error.message, error.hint)
        return 2
    return exit_code(outcome.report, exit_zero=exit_zero)


def _missing(paths: list[str]) -> UsageError:
    from adapterlint.session import nearest_path

    return UsageError(f"no such file or folder: {', '.join(paths)}", nearest_path(paths[0]))


def _stdin(name: str | None) -> tuple[str, bytes]:
    data = sys.stdin.buffer.read()
    if name is None:
        name = "stdin.ipynb" if data.lstrip()[:1] == b"{" else "stdin.py"
    if not name.endswith((".py", ".ipynb")):
        raise UsageError(f"--stdin-filename {name} is neither .py nor .ipynb")
    return name, data


def _split(words: list[str] | None) -> tuple[str, ...] | None:
    if words is None or not words:
        return None
    return tuple(word.strip() for each in words for word in each.split(",") if word.strip())


def _severity(level: str | None) -> Any:
    from adapterlint.model import Severity

    return None if level is None else Severity[level]
