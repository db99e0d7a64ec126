"""Plain arguments of `adapterlint check`, read without typer, which takes half the time of a check that finds nothing.

Only what needs no judgement is read here, as a hook or a person mostly writes it. Whatever else there is (another
command, a word that is not known, a value that is wrong, a request for help) is left to typer and its sentences.
tests/test_plain.py holds that both read the same.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

FLAGS = {
    "--autofix": "autofix",
    "--fix": "autofix",
    "--unsafe-fixes": "unsafe_fixes",
    "--diff": "diff",
    "--exit-zero": "exit_zero",
    "--statistics": "statistics",
    "--quiet": "quiet",
    "-q": "quiet",
    "--isolated": "isolated",
    "--no-default-path": "no_default_path",
}
LISTS = {"--select": "select", "--ignore": "ignore", "--target": "target"}
TEXTS = {
    "--level": ("level", ("error", "warning", "info", "hint")),
    "--output-format": ("output_format", ("text", "json", "sarif", "github")),
    "--color": ("color", ("auto", "always", "never")),
    "--base": ("base", None),
    "--output-file": ("output_file", None),
    "--config": ("config", None),
    "--stdin-filename": ("stdin_filename", None),
}


def plain(arguments: Sequence[str]) -> dict[str, object] | None:
    """The parameters of `checking` that the arguments give, or None if typer must read them."""
    if arguments[:1] != ["check"] or os.name == "nt" or "_ADAPTERLINT_COMPLETE" in os.environ:
        return None  # on Windows click expands the * that the shell there leaves to programs
    given: dict[str, object] = {}
    lists: dict[str, list[str]] = {}
    rest = iter(arguments[1:])
    for word in rest:
        name, equals, value = word.partition("=")
        if word in FLAGS:
            given[FLAGS[word]] = True
        elif name in LISTS or name in TEXTS:
            value = value if equals else next(rest, "")
            if not value or value.startswith("-"):
                return None
            if name in LISTS:
                lists.setdefault(LISTS[name], []).append(value)
                continue
            parameter, known = TEXTS[name]
            if known is not None and value not in known:
                return None
            given[parameter] = value
        elif word == "-" or (word and not word.startswith("-")):
            lists.setdefault("paths", []).append(word)
        else:
            return None
    return {**given, **lists}
