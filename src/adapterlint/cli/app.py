"""The typer application: one command from each module beside this one."""

from __future__ import annotations

from typing import Annotated

import typer

from adapterlint.cli import check, explain, inspect, rules

app = typer.Typer(
    name="adapterlint",
    help="Will this adapter change the model's output, and is it the change that was trained?",
    rich_markup_mode=None,  # rich takes as long to import as all the rest
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from adapterlint import __version__

        typer.echo(f"adapterlint {__version__}")
        raise typer.Exit


@app.callback()
def top(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Will this adapter change the model's output, and is it the change that was trained?"""


app.command("check")(check.check)
app.command("inspect")(inspect.inspect)
app.command("rules")(rules.rules)
app.command("explain")(explain.explain)
