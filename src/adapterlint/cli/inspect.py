"""`adapterlint inspect`."""

# No `from __future__ import annotations` here: typer would have to evaluate the annotations from text.
from typing import Annotated, Literal

import typer

from adapterlint.cli import options
from adapterlint.cli.guard import guarded


def inspect(
    adapter: Annotated[str, typer.Argument(help="The folder of an adapter, or a file of one.")],
    output_format: Annotated[Literal["text", "json"], typer.Option(help="The form of what is shown.")] = "text",
    output_file: options.OutputFile = None,
    color: options.Color = "auto",
) -> None:
    """Show what is inside an adapter: type, rank, scaling, size, and how strong each module's update is."""
    with guarded():
        from adapterlint.cli import output
        from adapterlint.inspection import inspect as read
        from adapterlint.settings import load

        inspection = read(adapter, load(isolated=True))
        output.inspection(inspection, output_format, file=output_file, color=color)
