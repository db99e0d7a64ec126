"""`# adapterlint: ignore` on any line of a statement, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapterlint.model import Report
from adapterlint.session import check
from adapterlint.settings import Settings
from trees import FAULTY, notebook

RULE = "peft-on-sentence-transformer"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def program(load: str) -> str:
    """The story's fault, with its load written as `load`."""
    return "".join((*FAULTY[:3], load, FAULTY[4]))


def checked(text: str, **settings: object) -> Report:
    Path("a.py").write_text(text, encoding="utf-8")
    return check(["a.py"], Settings(**settings))  # type: ignore[arg-type]


def rules(report: Report) -> list[str]:
    return [finding.rule for finding in report.findings]


LOAD = "model = PeftModel.from_pretrained(base, 'somewhere')"


def test_the_fault_is_found_without_a_comment() -> None:
    assert rules(checked(program(LOAD + "\n"))) == [RULE]


@pytest.mark.parametrize(
    "comment",
    [
        f"# adapterlint: ignore[{RULE}]",
        "# adapterlint: ignore[source]",
        "# adapterlint: ignore",
        f"#adapterlint:ignore[ zero-scale , {RULE} ]",
        f"# noqa: E501  # adapterlint: ignore[{RULE}] it is meant",
    ],
)
def test_a_comment_on_the_line_silences(comment: str) -> None:
    report = checked(program(f"{LOAD}  {comment}\n"))
    assert RULE not in rules(report)
    assert [finding.rule for finding in report.suppressed] == [RULE]


@pytest.mark.parametrize("line", range(4))
def test_any_line_of_the_statement_will_do(line: int) -> None:
    lines = ["model = PeftModel.from_pretrained(", "    base,", "    'somewhere',", ")"]
    lines[line] += f"  # adapterlint: ignore[{RULE}]"
    assert rules(checked(program("\n".join(lines) + "\n"))) == []


@pytest.mark.parametrize(
    "load",
    [
        f"# adapterlint: ignore[{RULE}]\n{LOAD}\n",
        f"{LOAD}\n# adapterlint: ignore[{RULE}]\n",
        f"for _ in range(2):  # adapterlint: ignore[{RULE}]\n    {LOAD}\n",
    ],
)
def test_a_comment_beside_another_statement_silences_nothing(load: str) -> None:
    assert sorted(rules(checked(program(load)))) == [RULE, "unused-ignore"]


def test_another_rule_in_brackets_silences_nothing_and_is_told() -> None:
    report = checked(program(f"{LOAD}  # adapterlint: ignore[adapter-failure-hidden]\n"))
    assert rules(report) == [RULE, "unused-ignore"]
    assert report.findings[1].message.startswith("adapter-failure-hidden reports nothing here")


def test_a_rule_that_did_not_run_is_never_unused() -> None:
    text = program("model = build()  # adapterlint: ignore[adapter-failure-hidden]\n")
    assert rules(checked(text)) == ["unused-ignore"]
    assert rules(checked(text, select=(RULE, "unused-ignore"))) == []
    assert rules(checked(text, ignore=("adapter-failure-hidden",))) == []
    assert rules(checked(program("model = build()  # adapterlint: ignore\n"), select=(RULE, "unused-ignore"))) == []


def test_a_misspelled_rule_is_told() -> None:
    (finding,) = checked(program("model = build()  # adapterlint: ignore[inert]\n")).findings
    assert finding.message == "this ignore comment names inert, which is no rule and no family"
    assert (finding.place.line, finding.place.column) == (4, 18)


@pytest.mark.parametrize("quote", ['"""', "'''"])
def test_the_words_in_a_string_are_text(quote: str) -> None:
    text = program(f"note = {quote}\n# adapterlint: ignore\n{quote}; {LOAD}\n")
    assert rules(checked(text)) == [RULE]


def test_a_comment_counts_in_its_own_cell_only(here: Path) -> None:
    silent = f"{LOAD}  # adapterlint: ignore[{RULE}]\n"
    notebook(here / "n.ipynb", "".join(FAULTY[:3]), silent, "".join(FAULTY[2:3]) + LOAD + "\n")
    report = check(["n.ipynb"], Settings())
    assert [(finding.rule, finding.place.cell) for finding in report.findings] == [(RULE, 2)]
    assert [finding.place.cell for finding in report.suppressed] == [1]


def test_settings_silence_by_path(here: Path) -> None:
    for name in ("tests/a.py", "src/a.py"):
        Path(name).parent.mkdir()
        Path(name).write_text("".join(FAULTY), encoding="utf-8")
    settings = Settings(per_path_ignores=(("tests", (RULE,)),), base=str(here))
    report = check(["."], settings)
    assert [finding.place.path for finding in report.findings] == ["src/a.py"]
    assert [finding.place.path for finding in report.suppressed] == ["tests/a.py"]
