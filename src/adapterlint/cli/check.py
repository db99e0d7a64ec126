"""`adapterlint check`, as typer reads it; what it does is in `checking`."""

# No `from __future__ import annotations` here: typer would evaluate two dozen annotations from text at every start.
from adapterlint.cli import options
from adapterlint.cli.checking import checking


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
    checking(**locals())
