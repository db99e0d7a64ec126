"""Every example of every rule, and the laws no rule may break."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import adapterlint
import scenes
from adapterlint.knowledge.words import matter
from adapterlint.model import Applicability, Example, Finding, Rule, Severity
from adapterlint.rulebook import ABOUT, Rulebook, rules_folder

RULES = Rulebook()
EXAMPLES = [(rule, example) for rule in RULES.values() for example in rule.examples]
FIXED = [(rule, example) for rule, example in EXAMPLES if example.fixed is not None]


def _name(value: object) -> str | None:
    if isinstance(value, Rule):
        return value.id
    return value.title if isinstance(value, Example) else None


def _check(example: Example, folder: Path, *, fix: bool = False) -> adapterlint.Report:
    paths = scenes.write(example, folder) if not any(folder.iterdir()) else [str(folder / it) for it in example.targets]
    base = None if example.base is None else folder / "base"
    target = dict(example.versions)
    return adapterlint.check(paths, level="hint", target=target, base=base, fix=fix, unsafe_fixes=fix, isolated=True)


def _of(rule: Rule, findings: tuple[Finding, ...]) -> list[Finding]:
    return [finding for finding in findings if finding.rule == rule.id]


@pytest.mark.parametrize(("rule", "example"), EXAMPLES, ids=_name)
def test_example(rule: Rule, example: Example, tmp_path: Path) -> None:
    found = _of(rule, _check(example, tmp_path).findings)
    assert len(found) == example.fires, [finding.message for finding in found]
    for finding in found:
        assert finding.severity == (rule.severity if example.severity is None else example.severity)
        assert finding.message and not finding.message.endswith(".") and "\n" not in finding.message
        assert example.status is None or finding.status is example.status


@pytest.mark.parametrize(("rule", "example"), FIXED, ids=_name)
def test_fix(rule: Rule, example: Example, tmp_path: Path) -> None:
    first = _check(example, tmp_path, fix=True)
    path = tmp_path / "notebook.ipynb"
    assert scenes.cells_of(path) == example.fixed
    assert not _of(rule, first.findings), "the finding must be gone"
    assert all(account.title for account in first.applied)
    mended = path.read_bytes()
    again = _check(example, tmp_path, fix=True)
    assert not again.applied and path.read_bytes() == mended, "fixing twice must equal fixing once"
    for cell in scenes.cells_of(path):
        ast.parse(cell)


@pytest.mark.parametrize("rule", RULES.values(), ids=_name)
def test_fixability_is_as_declared(rule: Rule, tmp_path: Path) -> None:
    seen = False
    for number, example in enumerate(rule.examples):
        folder = tmp_path / str(number)
        folder.mkdir()
        found = _of(rule, _check(example, folder).findings)
        seen = seen or any(it.fix is not None and it.fix.applicability > Applicability.display for it in found)
    assert seen == rule.fixable


@pytest.mark.parametrize("rule", RULES.values(), ids=_name)
def test_rule_explains_itself(rule: Rule) -> None:
    assert len(rule.why.split()) >= 25, "a newcomer must understand the fault and how to mend it"
    assert rule.summary and not rule.summary.endswith(".")
    assert all(reference.startswith("https://") for reference in rule.references)
    assert len({example.title for example in rule.examples}) == len(rule.examples)


def test_highest_severity_is_shown_by_an_example() -> None:
    for rule in RULES.values():
        shown = [rule.severity if it.severity is None else it.severity for it in rule.examples if it.fires]
        assert not shown or max(shown) == rule.severity, rule.id


def test_words_that_matter_cover_every_source_rule() -> None:
    """A source that passes no byte search is never parsed, so what a rule finds must hold one of the words."""
    for rule in RULES.values():
        for example in rule.examples if rule.family == "source" and "ignores" not in rule.reads else ():
            texts = ["\n".join(example.cells), *(it for it in example.files.values() if isinstance(it, (str, bytes)))]
            data = [it.encode() if isinstance(it, str) else it for it in texts]
            broken = "broken" in rule.reads  # found before anything is parsed
            assert not example.fires or broken or any(map(matter, data)), (rule.id, example.title)


def test_every_file_of_both_shelves_is_a_rule() -> None:
    checks = {path.stem.replace("_", "-") for path in (Path(adapterlint.__file__).parent / "checks").glob("[!_]*.py")}
    assert set(RULES) == checks | {path.stem for path in rules_folder().glob("*.yml")}
    assert all(rule.severity in Severity for rule in RULES.values())


@pytest.mark.parametrize("about", ABOUT)
def test_what_a_rule_reads_is_told_by_its_text_as_by_its_signature(about: str) -> None:
    """A run imports only the rules it asks, so what their text tells of them decides which those are."""
    signed = [it.id for it in RULES.checks() if it.check is not None and ABOUT[about](frozenset(it.reads))]
    assert signed
    assert [it.id for it in Rulebook().checks(about)] == signed


def test_the_family_of_a_rule_is_told_by_its_text_as_by_the_rule() -> None:
    assert Rulebook().families == {id: rule.family for id, rule in RULES.items()}
