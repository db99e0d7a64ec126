"""Arguments that are read without typer are read as typer reads them."""

from __future__ import annotations

import inspect
from unittest import mock

import pytest
import typer.main
from hypothesis import given
from hypothesis import strategies as st

from adapterlint.cli import plain as module
from adapterlint.cli.app import app
from adapterlint.cli.check import check
from adapterlint.cli.checking import checking
from adapterlint.cli.plain import FLAGS, LISTS, TEXTS, plain

COMMAND = typer.main.get_command(app).commands["check"]  # type: ignore[attr-defined]
NAMES = [*FLAGS, *LISTS, *TEXTS, "--fix-style", "--jobs", "-o", "--", "--help", "-qo", "--sel", "-x"]
VALUES = ["error", "hint", "json", "never", "wrap", "inert-adapter,load", "peft=0.18.1", "4", "a b", "", "-", "="]
WORDS = st.one_of(
    st.sampled_from(NAMES),
    st.sampled_from(VALUES),
    st.builds("{}={}".format, st.sampled_from(NAMES), st.sampled_from(VALUES)),
    st.text(max_size=4).filter(lambda text: "\0" not in text),
)


def by_typer(arguments: list[str]) -> dict[str, object]:
    """The parameters that `checking` is given where typer reads the arguments."""
    with mock.patch("adapterlint.cli.check.checking") as asked:
        COMMAND.main(list(arguments), prog_name="adapterlint check", standalone_mode=False)
    return dict(asked.call_args.kwargs)


@pytest.mark.skipif(module.os.name == "nt", reason="left to typer there")
@given(st.lists(WORDS, max_size=6))
def test_what_is_read_without_typer_is_what_typer_reads(arguments: list[str]) -> None:
    read = plain(["check", *arguments])
    if read is not None:
        defaults = {name: it.default for name, it in inspect.signature(checking).parameters.items()}
        assert {**defaults, **read} == by_typer(arguments)


@pytest.mark.skipif(module.os.name == "nt", reason="left to typer there")
@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["."],
        ["--isolated", "--level", "error", "a.py", "b.ipynb"],
        ["--select", "load", "--select=inert-adapter", "--output-format=sarif", "--output-file", "out.sarif", "models"],
        ["--no-default-path", "--target", "peft=0.18.1", "--base", "base", "-q", "-"],
        ["--fix", "--unsafe-fixes", "--diff", "--exit-zero", "--statistics", "--color", "always", "--config", "c.toml"],
    ],
    ids=" ".join,
)
def test_what_hooks_and_people_mostly_write_needs_no_typer(arguments: list[str]) -> None:
    read = plain(["check", *arguments])
    assert read is not None
    assert {**by_typer(arguments), **read} == by_typer(arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["rules"],
        ["--version"],
        ["check", "--help"],
        ["check", "-h"],
        ["check", "--level", "loud"],
        ["check", "--level"],
        ["check", "--level="],
        ["check", "--base", "--fix"],
        ["check", "--", "-q"],
        ["check", "--jobs", "0"],
        ["check", "--nonsense", "a.py"],
        ["check", "-qo", "out.txt"],
        ["check", "--fix=yes"],
    ],
    ids=" ".join,
)
def test_what_needs_judgement_is_left_to_typer(arguments: list[str]) -> None:
    assert plain(arguments) is None


def test_a_completing_shell_and_windows_are_left_to_typer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_ADAPTERLINT_COMPLETE", "complete_bash")
    assert plain(["check", "."]) is None
    monkeypatch.delenv("_ADAPTERLINT_COMPLETE")
    monkeypatch.setattr(module.os, "name", "nt")
    assert plain(["check", "."]) is None


def test_both_declarations_of_the_command_agree() -> None:
    declared, done = inspect.signature(check).parameters, inspect.signature(checking).parameters
    assert {name: it.default for name, it in declared.items()} == {name: it.default for name, it in done.items()}
    assert {*FLAGS.values(), *LISTS.values(), *(name for name, _ in TEXTS.values())} <= set(done)
