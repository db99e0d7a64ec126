"""Defaults < the nearest settings file < flags; what is wrong is one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapterlint.errors import AdapterlintError, SettingsError, UsageError
from adapterlint.globs import Globs
from adapterlint.model import Severity
from adapterlint.settings import Settings, load, versions_of

WHOLE = """
[tool.other]
x = 1

[tool.adapterlint]
select = ["config", "inert-adapter"]
ignore = ["partly-inert"]
level = "info"
target = {sentence-transformers = "5.4.0", Torch = "2.2"}
fix-style = "wrap"
exclude = ["old/**"]
rules = ["lint"]
jobs = 2
output-format = "json"

[tool.adapterlint.per-path-ignores]
"tests/**" = ["inert-adapter"]
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()  # no file above counts
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_without_a_file_the_defaults_hold(here: Path) -> None:
    assert load() == Settings(base=str(here))


def test_every_key_is_read(here: Path) -> None:
    (here / "pyproject.toml").write_text(WHOLE, encoding="utf-8")
    assert load() == Settings(
        select=("config", "inert-adapter"),
        ignore=("partly-inert",),
        level=Severity.info,
        versions={"sentence-transformers": "5.4.0", "torch": "2.2"},
        fix_style="wrap",
        per_path_ignores=(("tests/**", ("inert-adapter",)),),
        exclude=("old/**",),
        rules=(str(here / "lint"),),
        jobs=2,
        output_format="json",
        base=str(here),
        file="pyproject.toml",
    )


def test_flags_win_and_ignores_and_versions_add_up(here: Path) -> None:
    (here / "pyproject.toml").write_text(WHOLE, encoding="utf-8")
    settings = load(
        level=Severity.error, select=("weights",), ignore=("zero-scale",), versions={"torch": "2.6"}, jobs=None
    )
    assert (settings.level, settings.select, settings.jobs) == (Severity.error, ("weights",), 2)
    assert settings.ignore == ("partly-inert", "zero-scale")
    assert settings.versions == {"sentence-transformers": "5.4.0", "torch": "2.6"}


def test_the_nearest_file_counts_and_its_own_name_comes_first(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "pyproject.toml").write_text("[tool.adapterlint]\njobs = 1\n", encoding="utf-8")
    (here / "a" / "b").mkdir(parents=True)
    (here / "a" / "pyproject.toml").write_text("[tool.ruff]\n# adapterlint is told about below\n", encoding="utf-8")
    monkeypatch.chdir("a/b")
    settings = load()
    assert (settings.jobs, settings.file, settings.base) == (1, "../../pyproject.toml", str(here))
    (here / "a" / "adapterlint.toml").write_text("jobs = 3\n", encoding="utf-8")
    assert load().jobs == 3
    assert load(isolated=True).jobs == 0


def test_no_file_above_the_git_root_counts(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "adapterlint.toml").write_text("jobs = 1\n", encoding="utf-8")
    (here / "repo" / ".git").mkdir(parents=True)
    monkeypatch.chdir("repo")
    assert load().jobs == 0


def test_a_file_may_be_named(here: Path) -> None:
    (here / "strict.toml").write_text('level = "hint"\n', encoding="utf-8")
    assert load("strict.toml").level is Severity.hint
    (here / "tool.toml").write_text('[tool.adapterlint]\nlevel = "error"\n', encoding="utf-8")
    assert load("tool.toml").level is Severity.error


@pytest.mark.parametrize(
    ("text", "sentence", "hint"),
    [
        ("fix_style = 'wrap'", "adapterlint.toml has no setting 'fix_style'", "did you mean fix-style?"),
        ("ignroe = []", "adapterlint.toml has no setting 'ignroe'", "did you mean ignore?"),
        ("level = 'fatal'", "adapterlint.toml: level must be one of hint, info, warning, error, not 'fatal'", ""),
        ("select = 'a'", 'adapterlint.toml: select must be a list of texts, such as ["a", "b"], not \'a\'', ""),
        ("jobs = true", "adapterlint.toml: jobs must be a number, 0 for as many as there are cores, not True", ""),
        ("target = {torch = 2}", "adapterlint.toml: target must be a table of package versions, such as", ""),
        ("exclude = ['']", "adapterlint.toml: exclude must be", ""),
        ("a = ", "adapterlint.toml is not valid TOML: ", ""),
    ],
)
def test_what_is_wrong_is_one_sentence(here: Path, text: str, sentence: str, hint: str) -> None:
    (here / "adapterlint.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as error:
        load()
    assert error.value.message.startswith(sentence)
    assert error.value.hint == hint
    assert "\n" not in error.value.message


def test_a_named_file_that_is_missing_is_an_error(here: Path) -> None:
    with pytest.raises(AdapterlintError, match="settings file nope"):
        load("nope.toml")


@pytest.mark.parametrize("pair", ["torch=2.2", "torch==2.2", " Torch = 2.2 "])
def test_a_target_is_a_package_and_a_version(pair: str) -> None:
    assert versions_of([pair]) == {"torch": "2.2"}


@pytest.mark.parametrize(
    ("pair", "wanted"),
    [
        ("peft=>=0.17,<0.19", ">=0.17,<0.19"),
        ("peft>=0.17, <0.19", ">=0.17, <0.19"),
        ("Peft = ~=0.17.1", "~=0.17.1"),
        ("peft!=0.18.0", "!=0.18.0"),
        ("peft=0.17.*", "==0.17.*"),
        ("peft==0.17.*", "==0.17.*"),
    ],
)
def test_a_target_may_be_a_range(pair: str, wanted: str) -> None:
    assert versions_of([pair]) == {"peft": wanted}


def test_a_settings_file_names_a_range(here: Path) -> None:
    (here / "adapterlint.toml").write_text("target = {peft = '>=0.17,<0.19', torch = '2.2'}", encoding="utf-8")
    assert load().versions == {"peft": ">=0.17,<0.19", "torch": "2.2"}


@pytest.mark.parametrize(
    "pair",
    [
        "torch",
        "torch=",
        "=2.2",
        "torch=new",
        "torch=2.2,3",
        "torch=>=",
        "torch>=new",
        "torch=>=3,<2",
        "a b=1",
        "torch===",
    ],
)
def test_anything_else_is_refused(pair: str) -> None:
    with pytest.raises(UsageError, match="is not PKG=VERSION"):
        versions_of([pair])


@pytest.mark.parametrize(
    ("glob", "path", "meant"),
    [
        ("tests", "tests/a.py", True),
        ("tests", "src/tests/a.py", True),
        ("tests/**", "tests/a/b.py", True),
        ("tests/**", "src/tests/a.py", False),
        ("/tests", "src/tests/a.py", False),
        ("**/old/*.py", "a/b/old/c.py", True),
        ("**/old/*.py", "old/c.py", True),
        ("*.ipynb", "a/b.ipynb", True),
        ("a/*.ipynb", "a/b/c.ipynb", False),
        ("a/?.py", "a/b.py", True),
        ("a/[!b].py", "a/b.py", False),
        ("a/[bc].py", "a/c.py", True),
        ("models\\old", "models/old/x", True),
        ("a.py", "aXpy", False),
    ],
)
def test_globs(here: Path, glob: str, path: str, meant: bool) -> None:
    globs = Globs((glob,), str(here))
    assert (path in globs) is meant
    assert (str(here / path) in globs) is meant
