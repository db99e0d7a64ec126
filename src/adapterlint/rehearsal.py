"""Trying a folder of YAML rules on their own examples: each fires as often as they say, and mends as they show."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from adapterlint.errors import AdapterlintError, RuleError, UsageError
from adapterlint.model import Severity
from adapterlint.rulebook import Rulebook
from adapterlint.session import NO_FIXING, Fixing, check
from adapterlint.settings import load, versions_of

if TYPE_CHECKING:
    from adapterlint.model import Example, Finding, Report, Rule

_NOTEBOOK = "notebook.ipynb"
_BAD = frozenset({"check-crashed", "source-unreadable"})  # an example in which these fire shows something else


class Trial(NamedTuple):
    """One example tried. `failures` says in a sentence each what was not as the example says, empty if all was."""

    rule: str
    example: str
    failures: tuple[str, ...]


def rehearse(folder: str) -> Iterator[Trial]:
    """Try every example of every rule in the folder, in the order of the files.

    A rule that cannot be read is a failed trial, and the others go on. Raises UsageError if the folder is none or
    holds no rule, RuleError if a rule has the id of a built-in one.
    """
    if not Path(folder).is_dir():
        raise UsageError(f"{folder} is not a folder", "name the folder that holds your *.yml rules")
    paths = sorted(Path(folder).glob("*.yml"))
    if not paths:
        raise UsageError(f"{folder} holds no rule", "a rule is a file NAME.yml; `adapterlint explain` shows examples")
    book = Rulebook([folder])
    for path in paths:
        yield from _of_rule(book, path)


def _of_rule(book: Rulebook, path: Path) -> Iterator[Trial]:
    try:
        rule = book[path.stem]
    except RuleError as error:
        yield Trial(path.stem, "", (f"{error.message} ({error.hint})" if error.hint else error.message,))
        return
    for number, example in enumerate(rule.examples, 1):
        title = example.title or f"example {number}"
        try:
            yield Trial(rule.id, title, tuple(_failures(rule, example, path)))
        except AdapterlintError as error:
            yield Trial(rule.id, title, (error.message,))


def _failures(rule: Rule, example: Example, path: Path) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="adapterlint-") as top:
        shelf, world = Path(top) / "rules", Path(top) / "world"
        shelf.mkdir()
        shutil.copy(path, shelf)  # alone, so that a broken file beside it fails for itself
        _write(example, world)
        report = _checked(rule, example, shelf, world)
        found = [it for it in report.findings if it.rule == rule.id]
        if len(found) != example.fires:
            yield f"{_count(len(found))} found, {example.fires} expected{_places(found)}"
        wanted = rule.severity if example.severity is None else example.severity
        yield from (f"found as {it.severity}, expected as {wanted}" for it in found if it.severity != wanted)
        yield from (f"the example cannot be checked: {it.message}" for it in report.findings if it.rule in _BAD)
        if example.fixed is not None:
            _checked(rule, example, shelf, world, Fixing(write=True, unsafe=True))
            yield from _unlike(world / _NOTEBOOK, example.fixed)


def _checked(rule: Rule, example: Example, shelf: Path, world: Path, fixing: Fixing = NO_FIXING) -> Report:
    settings = load(
        isolated=True,
        rules=(str(shelf),),
        select=(rule.id, *_BAD),
        level=Severity.hint,
        versions=versions_of([f"{name}={version}" for name, version in example.versions.items()]),
    )
    return check([str(world)], settings, fixing=fixing)


def _write(example: Example, world: Path) -> None:
    """The cells as a notebook, beside the example's files. A file that would lie elsewhere is refused: RuleError."""
    cells: list[dict[str, object]]
    cells = [{"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": text}
             for text in example.cells]  # fmt: skip
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    for name, content in {_NOTEBOOK: json.dumps(document), **example.files}.items():
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise RuleError(f"the example's file {name} would lie outside its folder")
        path = world / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def _unlike(path: Path, fixed: tuple[str, ...]) -> Iterator[str]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    left = ["".join(cell["source"]) for cell in cells]
    for number, (is_, wanted) in enumerate(zip(left, fixed, strict=False)):
        if is_ != wanted:
            yield f"the fix leaves cell {number} as {is_!r}, expected {wanted!r}"
    if len(left) != len(fixed):
        yield f"`fixed` has {_count(len(fixed), 'cell')}, `cells` has {len(left)}"


def _count(number: int, word: str = "finding") -> str:
    return f"{number} {word}" + ("" if number == 1 else "s")


def _places(found: list[Finding]) -> str:
    places = [f"cell {it.place.cell}, line {it.place.line}" for it in found]
    return f" ({'; '.join(places)})" if places else ""
