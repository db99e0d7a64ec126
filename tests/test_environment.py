"""The version code will run on: who is asked first, and what each file's own words mean."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from adapterlint.artifacts.environment import Requirement, version_of
from adapterlint.artifacts.source import PipLine

ST = "sentence-transformers"
POETRY = "[tool.poetry.dependencies]\nsentence-transformers = "
LOCK = '[[package]]\nname = "peft"\nversion = "1"\n\n[[package]]\nname = "sentence-transformers"\nversion = "5.1.0"\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with a notebook two folders down; nothing above it is looked at."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "work" / "notebooks").mkdir(parents=True)
    return tmp_path


def asked(project: Path, *pip: str, kernel: bool = False, **versions: str) -> Requirement:
    lines = [PipLine(requirement, 2, number) for number, requirement in enumerate(pip, 1)]
    return version_of(ST, str(project / "work" / "notebooks" / "eval.ipynb"), lines, versions, kernel)


def test_the_order_of_who_is_asked(project: Path) -> None:
    assert asked(project) == Requirement(ST)
    (project / "requirements.txt").write_text("torch\nsentence-transformers==3.0.1\n")
    assert asked(project).spec == "==3.0.1"
    (project / "work" / "requirements.txt").write_text("sentence-transformers==3.1\n")
    assert asked(project).spec == "==3.1"
    assert asked(project, "sentence_transformers==3.2", "peft").spec == "==3.2"
    assert asked(project, "sentence_transformers==3.2", sentence_transformers="5.4").spec == "==5.4"


def test_the_origin_names_the_place(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(project).origin == "unknown"
    file = project / "requirements.txt"
    file.write_text("torch\n\nsentence-transformers==5.1.0  # pinned\n")
    assert asked(project).origin == f"{file.as_posix()} line 3: sentence-transformers==5.1.0"
    monkeypatch.chdir(project)
    assert asked(project).origin == "requirements.txt line 3: sentence-transformers==5.1.0"
    assert asked(project, "sentence-transformers>=5").origin == "cell 2, line 1: sentence-transformers>=5"
    assert asked(project, **{ST: "5.4"}).origin == "--target sentence-transformers=5.4"


def test_the_last_pip_line_counts(project: Path) -> None:
    assert asked(project, f"{ST}==3.0", f"{ST}[train]==5.1").spec == "==5.1"


def test_a_mention_without_bounds_leaves_the_question_to_the_next(project: Path) -> None:
    (project / "work" / "requirements.txt").write_text("sentence-transformers\n")
    found = asked(project)
    assert not found.known
    assert found.origin.endswith("line 1: sentence-transformers")
    (project / "uv.lock").write_text(LOCK)
    assert asked(project, ST).spec == "==5.1.0"


def test_only_files_that_name_the_package_itself_count(project: Path) -> None:
    (project / "requirements.txt").write_text("my-sentence-transformers==1\nsentence-transformers-x==2\nsentence==3\n")
    (project / "pyproject.toml").write_text('[project]\nname = "sentence-transformers-demo"\nversion = "5.4"\n')
    assert asked(project) == Requirement(ST)


def test_nothing_above_the_repository_is_asked(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(f"{ST}==5.1\n")
    inner = tmp_path / "repository"
    (inner / ".git").mkdir(parents=True)
    assert version_of(ST, str(inner / "load.py")) == Requirement(ST)


def test_the_installed_one_counts_only_in_a_kernel(project: Path) -> None:
    path = str(project / "load.py")
    assert not version_of("hypothesis", path).known
    assert version_of("hypothesis", path, kernel=True).exact == version("hypothesis")
    assert not version_of("no-such-package-at-all", path, kernel=True).known


@pytest.mark.parametrize(
    ("name", "text", "spec"),
    [
        ("uv.lock", LOCK, "==5.1.0"),
        ("poetry.lock", LOCK.replace("\n", "\r\n"), "==5.1.0"),
        ("pdm.lock", LOCK, "==5.1.0"),
        ("pylock.toml", LOCK.replace("[[package]]", "[[packages]]"), "==5.1.0"),
        ("Pipfile.lock", '{"default": {"sentence-transformers": {"version": "==5.1.0"}}}', "==5.1.0"),
        ("Pipfile", '[packages]\nsentence-transformers = "~=5.1"\n', "~=5.1"),
        ("requirements.txt", "Sentence_Transformers[train] >= 3.3, <5.4 ; python_version > '3.9' # why", "<5.4,>=3.3"),
        ("requirements.txt", "sentence-transformers==5.1 \\\n    --hash=sha256:00\n", "==5.1"),
        ("requirements-gpu.txt", "-r base.txt\n--index-url https://x/\nsentence-transformers==5.1\n", "==5.1"),
        ("requirements/eval.txt", "sentence-transformers==5.1\n", "==5.1"),
        ("pyproject.toml", '[project]\ndependencies = ["sentence-transformers>=3.3"]\n', ">=3.3"),
        ("pyproject.toml", '[project.optional-dependencies]\nx = ["sentence-transformers<5"]\n', "<5"),
        (
            "pyproject.toml",
            '[dependency-groups]\ndev = [{include-group = "x"}, "sentence-transformers~=5.1"]\n',
            "~=5.1",
        ),
        ("pyproject.toml", POETRY + '"^3.1"\n', "<4,>=3.1"),
        ("pyproject.toml", POETRY + '"~3.1.2"\n', "<3.2,>=3.1.2"),
        ("pyproject.toml", POETRY + '"5.1.0"\n', "==5.1.0"),
        ("pyproject.toml", POETRY + '{version = "3.*", optional = true}\n', "==3.*"),
        ("pyproject.toml", POETRY + '[{version = "^3.3"}, {version = "^5.0"}]\n', "<4,>=3.3 or <6,>=5.0"),
        ("environment.yml", "dependencies:\n  - python=3.11\n  - conda-forge::sentence-transformers=5.1\n", "==5.1.*"),
        ("environment.yaml", "dependencies:\n- pip:\n    - 'sentence-transformers==5.1'\n", "==5.1"),
        ("setup.cfg", "[options]\ninstall_requires =\n    sentence-transformers>=3.3\n", ">=3.3"),
    ],
)
def test_what_each_file_says(project: Path, name: str, text: str, spec: str) -> None:
    (project / name).parent.mkdir(exist_ok=True)
    (project / name).write_bytes(text.encode())
    found = asked(project)
    assert sorted(found.spec.split(" or ")) == sorted(spec.split(" or "))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("requirements.txt", b"\xff\xfe\x00sentence-transformers==5"),
        ("requirements.txt", b"sentence-transformers=5.1\nsentence-transformers=>3\n"),
        ("pyproject.toml", b'[project\ndependencies = ["sentence-transformers==5"]'),
        ("pyproject.toml", b'project = "sentence-transformers"\ntool = [1]\n'),
        ("pyproject.toml", b'[project]\ndependencies = "sentence-transformers==5"\n'),
        ("Pipfile.lock", b'{"default": {"sentence-transformers": "x"}, "develop": ['),
        ("Pipfile.lock", b'{"default": [], "develop": {"sentence-transformers": 1}}'),
    ],
)
def test_a_file_that_cannot_be_understood_is_passed_over(project: Path, name: str, data: bytes) -> None:
    (project / name).write_bytes(data)
    assert asked(project) == Requirement(ST)


def test_a_changed_file_is_read_again(project: Path) -> None:
    (project / "requirements.txt").write_text(f"{ST}==3.0\n")
    assert asked(project).exact == "3.0"
    (project / "requirements.txt").write_text(f"{ST}==5.1.0\n")
    assert asked(project).exact == "5.1.0"


@pytest.mark.parametrize(
    ("wanted", "at_least", "below", "exact"),
    [
        ("5.4", True, False, "5.4"),
        ("==5.4.1", True, False, "5.4.1"),
        ("5.3.9", False, True, "5.3.9"),
        ("==5.3.*", False, True, ""),
        ("==5.*", False, False, ""),
        (">=5.4", True, False, ""),
        (">5.3", False, False, ""),
        (">=3,<5.4", False, True, ""),
        (">=3,<=5.4", False, False, ""),
        (">=3,!=4", False, False, ""),
        ("~=5.4", True, False, ""),
        ("~=5.3.1", False, True, ""),
        ("~=5.3", False, False, ""),
        ("<5", False, True, ""),
        ("===5.4", True, False, "5.4"),
        ("latest", False, False, ""),
    ],
)
def test_a_range_answers_only_what_holds_for_all_of_it(
    project: Path, wanted: str, at_least: bool, below: bool, exact: str
) -> None:
    found = asked(project, **{ST: wanted})
    assert (found.always_at_least("5.4"), found.always_below("5.4"), found.exact) == (at_least, below, exact)


def test_alternatives_must_all_agree(project: Path) -> None:
    (project / "pyproject.toml").write_text(POETRY + '[{version = "^3.3"}, {version = "^5.0"}]\n')
    found = asked(project)
    assert found.known
    assert found.always_at_least("3.3")
    assert not found.always_at_least("5.0")
    assert not found.always_below("5.4")
    assert found.always_below("6")
    assert found.exact == ""
