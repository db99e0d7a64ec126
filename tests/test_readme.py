"""README says what is so: its generated parts are up to date, its words, options and settings are the code's."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

import adapterlint
from adapterlint.model import Severity, Status
from adapterlint.rulebook import Rulebook
from generate_readme import PARTS, README, ROOT, between, command

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TEXT = README.read_text(encoding="utf-8")


def words(text: str) -> str:
    """Text as the reader takes it in: how wide columns are, where lines break and how long a run took do not count."""
    return re.sub(r"[\s╭╮╰╯│─]+", " ", re.sub(r"\bin \d+(\.\d+)? m?s\b", "in 0.1 s", text)).strip()


@pytest.mark.parametrize("part", PARTS)
def test_a_generated_part_is_up_to_date(part: str) -> None:
    ((_, written, _),) = between(part).findall(TEXT)
    assert words(written) == words(PARTS[part]()), "python tests/generate_readme.py writes it anew"


def test_each_verdict_and_severity_is_explained() -> None:
    table = set(re.findall(r"^\| ([a-z ]+) \|", TEXT, re.MULTILINE))
    assert {str(status) for status in Status} <= table
    assert all(f"*{severity}*" in TEXT for severity in Severity)


def test_the_settings_shown_are_valid_and_all_there_are(tmp_path: Path) -> None:
    from adapterlint import settings

    (block,) = re.findall(r"```toml\n(\[tool\.adapterlint\].*?)```", TEXT, re.DOTALL)
    file = tmp_path / "pyproject.toml"
    file.write_text(block, encoding="utf-8")
    settings.load(str(file))
    assert set(tomllib.loads(block)["tool"]["adapterlint"]) == set(settings._KEYS)


def test_each_option_named_exists() -> None:
    known = command("check", "--help") + command("--help")
    # pip's and git's options stand in code blocks; adapterlint's stand in backticks or after its name.
    after_its_name = " ".join(re.findall(r"adapterlint check [^\n`]*", TEXT))
    named = {*re.findall(r"`(--[a-z][a-z-]+)", TEXT), *re.findall(r"--[a-z][a-z-]+", after_its_name)}
    assert {option for option in named if option not in known} == set()


def test_the_hooks_shown_are_the_hooks_there_are() -> None:
    hooks = re.findall(r"^- id: (\S+)", (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"), re.MULTILINE)
    assert re.findall(r"^ +- id: (\S+)", TEXT, re.MULTILINE) == hooks


def test_links_into_the_repository_lead_somewhere() -> None:
    for document in ("README.md", "CONTRIBUTING.md"):
        for link in re.findall(r"\]\((?!https?://)([^)#]+)", (ROOT / document).read_text(encoding="utf-8")):
            assert (ROOT / link).exists(), f"{document}: {link}"


def test_the_rule_shown_to_contributors_works(tmp_path: Path) -> None:
    """CONTRIBUTING's YAML rule, put into a rule folder of someone's project, fires and stays silent as it says."""
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    ((block, id),) = re.findall(r"```yaml\n(id: (\S+)\n.*?)```", contributing, re.DOTALL)
    (tmp_path / "lint").mkdir()
    (tmp_path / "lint" / f"{id}.yml").write_text(block, encoding="utf-8")
    settings = tmp_path / "adapterlint.toml"
    settings.write_text('rules = ["lint/"]\n', encoding="utf-8")
    rule = Rulebook((str(tmp_path / "lint"),))[id]
    assert {example.fires for example in rule.examples} == {0, 1}
    for number, example in enumerate(rule.examples):
        file = tmp_path / f"example_{number}.py"
        file.write_text("".join(example.cells), encoding="utf-8")
        found = adapterlint.check(file, config=str(settings)).findings
        assert [finding.rule for finding in found] == [id] * example.fires
