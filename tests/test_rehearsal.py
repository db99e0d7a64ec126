"""`adapterlint rules --test DIR`: a user's own rules are tried on the examples they carry."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from adapterlint.errors import UsageError
from adapterlint.rehearsal import rehearse

NO_PRINT = """\
id: no-print
language: python
severity: warning
message: print of $A
note: Printing is for people who look, and nobody looks at the output of a nightly run.
rule: {pattern: print($A)}
fix: log($A)
metadata:
  applicability: safe
  examples:
    - {title: prints, cells: ["print(1)\\n", "x = 2\\n"], fixed: ["log(1)\\n", "x = 2\\n"]}
    - {title: logs, fires: 0, cells: ["log(1)\\n"]}
    - {title: logs twice, fires: 0, cells: ["log(1)\\nlog(2)\\n"]}
"""


def _failures(folder: Path, text: str) -> list[str]:
    (folder / "no-print.yml").write_text(text, encoding="utf-8")
    return [failure for trial in rehearse(str(folder)) for failure in trial.failures]


def test_a_rule_that_does_as_its_examples_say(tmp_path: Path) -> None:
    assert _failures(tmp_path, NO_PRINT) == []
    assert [trial.example for trial in rehearse(str(tmp_path))] == ["prints", "logs", "logs twice"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{title: logs, fires: 0", "{title: logs, fires: 1", "0 findings found, 1 expected"),
        ("{title: prints,", "{title: prints, fires: 2,", "1 finding found, 2 expected (cell 0, line 1)"),
        ("{title: prints,", "{title: prints, severity: error,", "found as warning, expected as error"),
        ('fixed: ["log(1)', 'fixed: ["log(3)', r"the fix leaves cell 0 as 'log(1)\n', expected 'log(3)\n'"),
        (', "x = 2\\n"]}', "]}", "`fixed` has 1 cell, `cells` has 2"),
        ("logs, fires: 0", "logs, fires: 0, files: {../x: y}", "the example's file ../x would lie outside its folder"),
        ("fires: 0", "fires: 1", "needs an example in which it fires and one in which it is silent"),
        ("severity: warning\n", "", "no-print.yml has no `severity`"),
        ("pattern: print($A)", "kind: nothing", "is refused by ast-grep"),
    ],
)
def test_what_is_not_as_the_example_says(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in NO_PRINT
    failures = _failures(tmp_path, NO_PRINT.replace(old, new))
    assert any(said in failure for failure in failures), failures


def test_a_broken_rule_fails_for_itself(tmp_path: Path) -> None:
    (tmp_path / "broken.yml").write_text("id: broken\n", encoding="utf-8")
    (tmp_path / "no-print.yml").write_text(NO_PRINT, encoding="utf-8")
    assert [(trial.rule, bool(trial.failures)) for trial in rehearse(str(tmp_path))] == [
        ("broken", True),
        *[("no-print", False)] * 3,
    ]


@pytest.mark.parametrize("folder", ["nowhere", "empty"])
def test_a_folder_without_rules(tmp_path: Path, folder: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=folder):
        list(rehearse(str(tmp_path / folder)))


def test_the_command(tmp_path: Path) -> None:
    def ran(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "adapterlint", "rules", "--test", *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)

    (tmp_path / "lint").mkdir()
    (tmp_path / "lint" / "no-print.yml").write_text(NO_PRINT, encoding="utf-8")
    good = ran("lint")
    assert (good.returncode, good.stdout.splitlines()[-1]) == (0, "1 rule, 3 examples tried, 0 failed")
    (tmp_path / "lint" / "no-print.yml").write_text(
        NO_PRINT.replace("logs, fires: 0", "logs, fires: 1"), encoding="utf-8"
    )
    bad = ran("lint", "--output-format", "json")
    assert bad.returncode == 1
    assert [bool(trial["failures"]) for trial in json.loads(bad.stdout)["trials"]] == [False, True, False]
    none = ran("nowhere")
    assert none.returncode == 2 and none.stderr.startswith("error: nowhere is not a folder")


def test_the_rule_that_readme_shows(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    written = readme.split("```yaml\n# lint/")[1].split("```")[0]
    name, text = written.split("\n", 1)
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert [(trial.rule, trial.failures) for trial in rehearse(str(tmp_path))] == [("base-not-ours", ())] * 2
