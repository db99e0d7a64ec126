"""From paths to a report: select, levels, fixes in rounds, and the face in Python."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import adapterlint
from adapterlint.errors import UsageError
from adapterlint.model import Applicability, Severity, Status
from adapterlint.session import Fixing, check, exit_code, run
from adapterlint.settings import Settings
from trees import FAULTY, adapter, model, notebook

NATIVE = {"sentence-transformers": "6.2.0"}
RULE = "peft-on-sentence-transformer"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_verdicts_do_not_depend_on_what_is_selected(here: Path) -> None:
    adapter(here / "inert", value=0.0)
    for settings in (Settings(), Settings(select=("config",)), Settings(ignore=("weights", "load"))):
        (verdict,) = check(["."], settings).verdicts
        assert (verdict.status, verdict.rules) == (Status.inert, ("inert-adapter",))
    assert [finding.rule for finding in check(["."], Settings()).findings] == ["inert-adapter"]
    assert check(["."], Settings(select=("config",))).findings == ()


def test_what_was_looked_at_is_counted(here: Path) -> None:
    adapter(here / "a")
    model(here / "full" / "model.safetensors")
    (here / "b.py").write_text("x = 1\n", encoding="utf-8")
    notebook(here / "c.ipynb", "x = 1\n")
    checked = check(["."], Settings()).checked
    assert (checked.adapters, checked.models, checked.scripts, checked.notebooks, checked.tensors) == (1, 1, 1, 1, 2)
    assert checked.seconds > 0


@pytest.mark.parametrize("name", ["inert-adaptr", "wieghts"])
@pytest.mark.parametrize("field", ["select", "ignore", "per_path_ignores"])
def test_an_unknown_rule_is_told_with_the_nearest(name: str, field: str) -> None:
    value = (("x", (name,)),) if field == "per_path_ignores" else (name,)
    with pytest.raises(UsageError, match=f"there is no rule or family '{name}'") as error:
        check(["."], Settings(**{field: value}))  # type: ignore[arg-type]
    assert error.value.hint == f"did you mean {'inert-adapter' if name[0] == 'i' else 'weights'}?"


def test_a_missing_path_is_told_with_the_nearest(here: Path) -> None:
    adapter(here / "models")
    with pytest.raises(UsageError, match="no such file or folder: modles") as error:
        check(["modles"], Settings())
    assert error.value.hint == "did you mean models?"


def test_a_fix_is_written_and_what_remains_is_reported(here: Path) -> None:
    source = notebook(here / "n.ipynb", *FAULTY)
    before = source.read_text(encoding="utf-8")
    report = check(["n.ipynb"], Settings(versions=NATIVE), fixing=Fixing(write=True))
    assert report.findings == ()
    assert [(applied.path, applied.rule, applied.cell) for applied in report.applied] == [("n.ipynb", RULE, 3)]
    after = source.read_text(encoding="utf-8")
    changed = [line for line in after.splitlines() if line not in before.splitlines()]
    assert changed == ["    \"base.load_adapter('somewhere')\\n\",", '    "model = base\\n"']
    again = check(["n.ipynb"], Settings(versions=NATIVE), fixing=Fixing(write=True))
    assert (again.applied, source.read_text(encoding="utf-8")) == ((), after)


def test_a_diff_writes_nothing_and_sets_the_exit_code(here: Path) -> None:
    source = notebook(here / "n.ipynb", *FAULTY)
    before = source.read_bytes()
    report = check(["n.ipynb"], Settings(versions=NATIVE), fixing=Fixing(diff=True))
    assert source.read_bytes() == before
    (diff,) = report.diffs
    assert "+    \"base.load_adapter('somewhere')\\n\"," in diff
    assert report.findings == ()
    assert exit_code(report) == 1
    assert exit_code(report, exit_zero=True) == 0


def test_a_fix_of_what_is_not_shown_is_not_written(here: Path) -> None:
    source = notebook(here / "n.ipynb", *FAULTY)
    before = source.read_bytes()
    report = check(["n.ipynb"], Settings(versions=NATIVE, select=("weights",)), fixing=Fixing(write=True))
    assert (report.applied, source.read_bytes()) == ((), before)


def test_a_fix_that_is_only_shown_is_held_back_with_its_reason(here: Path) -> None:
    notebook(here / "n.ipynb", *FAULTY, "model.save_pretrained('out')\nmodel.merge_and_unload()\n")
    report = check(["n.ipynb"], Settings(select=(RULE,)), fixing=Fixing(write=True))
    (finding,) = report.findings
    assert finding.fix is not None
    assert finding.fix.applicability is Applicability.display
    assert [held.rule for held in report.held_back] == [RULE]
    assert report.applied == ()


def test_standard_input_is_checked_and_never_written(here: Path) -> None:
    outcome = run(
        [], Settings(versions=NATIVE), stdin=("src\\n.py".replace("\\", "/"), "".join(FAULTY).encode()),
        fixing=Fixing(write=True),
    )  # fmt: skip
    assert outcome.stdin is not None
    assert b"base.load_adapter('somewhere')\nmodel = base\n" in outcome.stdin
    assert outcome.report.applied[0].path == "src/n.py"
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(("level", "shown"), [("hint", 1), ("info", 1), ("warning", 0), ("error", 0)])
def test_the_level_sets_the_exit_code_and_hides_nothing_from_the_report(here: Path, level: str, shown: int) -> None:
    text = "from peft import PeftModel  # adapterlint: ignore[zero-scale]\n"
    (here / "a.py").write_text(text, encoding="utf-8")
    report = check(["a.py"], Settings(level=Severity[level]))
    assert [finding.rule for finding in report.findings] == ["unused-ignore"]
    assert exit_code(report) == shown


def test_the_python_api_prints_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    adapter(here / "inert", value=0.0)
    report = adapterlint.check("inert", level="error", isolated=True)
    assert isinstance(report, adapterlint.Report)
    assert [(verdict.path, str(verdict.status)) for verdict in report.verdicts] == [("inert", "inert")]
    assert report.level is adapterlint.Severity.error
    assert adapterlint.check([Path("inert")], select=["config"], isolated=True).findings == ()
    assert capsys.readouterr() == ("", "")


def test_the_python_api_fixes(here: Path) -> None:
    source = notebook(here / "n.ipynb", *FAULTY)
    assert adapterlint.check(source, target=NATIVE, diff=True).diffs
    assert not adapterlint.check(source, target=NATIVE, fix=True).findings
    assert "load_adapter" in source.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"level": "fatal"}, "there is no level 'fatal'"),
        ({"target": {"torch": ""}}, "'torch=' is not PKG=VERSION"),
        ({"select": ["nope"]}, "there is no rule or family 'nope'"),
    ],
)
def test_the_python_api_raises_one_sentence(wrong: dict[str, object], sentence: str) -> None:
    with pytest.raises(adapterlint.AdapterlintError) as error:
        adapterlint.check(".", **wrong)  # type: ignore[arg-type]
    assert error.value.message == sentence


def test_importing_the_package_imports_nothing_else() -> None:
    code = "import sys, adapterlint; print([m for m in sys.modules if m.startswith('adapterlint.')], adapterlint.check)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("[] <function check_paths")
    with pytest.raises(AttributeError, match="no attribute 'nope'"):
        _ = adapterlint.nope
    assert set(adapterlint.__all__) <= set(dir(adapterlint))


def test_a_check_that_raises_is_named_and_the_others_go_on(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from adapterlint.checks import zero_scale
    from adapterlint.model import Target

    def check_that_fails(target: Target, config: object) -> None:
        raise LookupError("no such thing")

    monkeypatch.setattr(zero_scale, "check", check_that_fails)
    adapter(here / "inert", value=0.0)
    report = check(["inert"], Settings(level=Severity.error, select=("weights", "zero-scale")))
    assert [finding.rule for finding in report.findings] == ["check-crashed", "inert-adapter"]
    assert "zero-scale" in report.findings[0].message
    assert exit_code(report, exit_zero=True) == 2
