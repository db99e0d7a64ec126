"""The options of `adapterlint check`, as typer reads them."""

from typing import Annotated, Literal

import typer

Paths = Annotated[
    list[str] | None,
    typer.Argument(help="Files and folders, by default this one; - reads standard input.", metavar="[PATHS]..."),
]
Autofix = Annotated[bool, typer.Option("--autofix", "--fix", help="Mend what can be mended safely, then check again.")]
UnsafeFixes = Annotated[bool, typer.Option("--unsafe-fixes", help="Count likely fixes as fixes too.")]
Diff = Annotated[bool, typer.Option("--diff", help="Show what --autofix would change; write nothing.")]
Select = Annotated[
    list[str] | None,
    typer.Option(help="Only these rules or families; repeat it or separate by commas.", metavar="RULE"),
]
Ignore = Annotated[
    list[str] | None,
    typer.Option(help="Without these rules or families.", metavar="RULE"),
]
Level = Annotated[
    Literal["error", "warning", "info", "hint"] | None,
    typer.Option(help="The lowest severity that is shown and sets the exit code (default: warning)."),
]
Target = Annotated[
    list[str] | None,
    typer.Option(
        help="The version of a package that the code will run on, or a range in quotes: 'peft=>=0.17,<0.19' means "
        "each version in it; repeatable.",
        metavar="PKG=VERSION",
    ),
]
Base = Annotated[
    str | None,
    typer.Option(help="The base model the adapters are for: a folder, or a name in the hub's cache.", metavar="FOLDER"),
]
FixStyle = Annotated[
    Literal["auto", "wrap", "native"] | None,
    typer.Option(help="How a load around a SentenceTransformer is mended (default: auto)."),
]
OutputFormat = Annotated[
    Literal["text", "json", "sarif", "github"] | None,
    typer.Option(help="The form of the report (default: text)."),
]
OutputFile = Annotated[
    str | None,
    typer.Option("--output-file", "-o", help="Write the report to a file.", metavar="FILE"),
]
ExitZero = Annotated[bool, typer.Option("--exit-zero", help="Exit 0 where findings would make it 1.")]
Statistics = Annotated[bool, typer.Option("--statistics", help="Count the findings by rule.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print findings only.")]
Color = Annotated[Literal["auto", "always", "never"], typer.Option(help="Colour the text.")]
Config = Annotated[
    str | None,
    typer.Option(help="Read this settings file.", metavar="FILE"),
]
Isolated = Annotated[bool, typer.Option("--isolated", help="Read no settings file.")]
Jobs = Annotated[
    int | None,
    typer.Option(help="Adapters checked at a time (default: one for each core).", min=1, metavar="N"),
]
NoDefaultPath = Annotated[
    bool, typer.Option("--no-default-path", help="Without paths, check nothing instead of this folder.")
]
StdinFilename = Annotated[
    str | None,
    typer.Option(help="The name that standard input goes by.", metavar="NAME"),
]
