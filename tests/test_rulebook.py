"""The two shelves: what is read of a rule's file, when, and what is said of one that is wrong."""

from __future__ import annotations

import importlib
import os
from pathlib import Path

import pytest

from adapterlint import patterns
from adapterlint.errors import RuleError
from adapterlint.rulebook import Rulebook, rules_folder

RULE = """
id: eval-of-tuned
severity: warning
message: $MODEL is evaluated
note: A rule of a user's own, about a PeftModel.
rule:
  pattern: $MODEL.eval()
metadata:
  examples:
    - cells: ["model.eval()"]
    - cells: ["model.train()"]
      fires: 0
"""


@pytest.fixture()
def bytecode(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder in which Python keeps what it compiles."""
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    monkeypatch.setattr("sys.pycache_prefix", str(tmp_path / "kept"))
    return tmp_path / "kept"


def rule_in(folder: Path, text: str = RULE) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "eval-of-tuned.yml"
    path.write_text(text, encoding="utf-8")
    return path


def no_yaml(text: str) -> object:
    raise AssertionError("the file was parsed again")


def test_a_kept_rule_is_not_parsed_again(bytecode: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = rule_in(tmp_path / "shelf")
    first = patterns.load(path, kept=True)
    monkeypatch.setattr(patterns, "_parsed", no_yaml)
    again = patterns.load(path, kept=True)
    assert (first.id, first.why, first.examples) == (again.id, again.why, again.examples)
    assert list(bytecode.rglob("eval-of-tuned*.pyc"))


def test_a_kept_rule_is_parsed_again_once_its_file_has_changed(bytecode: Path, tmp_path: Path) -> None:
    path = rule_in(tmp_path / "shelf")
    assert str(patterns.load(path, kept=True).severity) == "warning"
    path.write_text(RULE.replace("warning", "error"), encoding="utf-8")
    os.utime(path, (1, 1))
    assert str(patterns.load(path, kept=True).severity) == "error"


def test_a_rule_of_the_built_in_shelf_says_the_same_kept_or_not(bytecode: Path) -> None:
    for path in rules_folder().glob("*.yml"):
        parsed, *kept = patterns.load(path), patterns.load(path, kept=True), patterns.load(path, kept=True)
        for it in kept:
            assert (it.id, it.summary, it.why, it.words) == (parsed.id, parsed.summary, parsed.why, parsed.words)
            assert it.examples == parsed.examples


def test_nothing_is_left_in_a_folder_of_a_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    monkeypatch.setattr("sys.pycache_prefix", None)
    path = rule_in(tmp_path / "lint")
    assert Rulebook([str(path.parent)])["eval-of-tuned"].examples
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id: [", "cannot be read as YAML"),
        ("- a\n- b\n", "is not a rule"),
        (RULE.replace("severity: warning", "severity: loud"), "has the severity loud"),
        (RULE.replace("note:", "nota:"), "has no `note`"),
        (RULE.replace("  pattern: $MODEL.eval()", "  pattrn: $MODEL.eval()"), "is refused by ast-grep"),
    ],
)
def test_a_rule_that_cannot_be_read_is_named(bytecode: Path, tmp_path: Path, kept: bool, text: str, said: str) -> None:
    path = rule_in(tmp_path / "shelf", text)
    with pytest.raises(RuleError, match=said) as error:
        patterns.load(path, kept=kept)
    assert path.as_posix() in error.value.message


def test_a_check_that_reads_what_no_artifact_fills_is_named_when_it_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = importlib.import_module("adapterlint.checks.inert_adapter")
    monkeypatch.setattr(module, "check", lambda weather: ())
    with pytest.raises(RuleError, match="reads weather, which no artifact fills"):
        Rulebook().checks("adapter")


def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: Path) -> list[str]:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(os, "listdir", refuse)
    with pytest.raises(RuleError, match="cannot be read: permission denied"):
        Rulebook([str(tmp_path)])
