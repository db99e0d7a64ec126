"""What is shipped: a wheel and an sdist that hold the rules and ask for no torch."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from email.parser import Parser
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
HEAVY = {"torch", "transformers", "peft", "sentence-transformers", "accelerate"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist of this checkout and the wheel built from that sdist."""
    folder = tmp_path_factory.mktemp("dist")
    run([sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)], folder)
    return folder


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel alone, unpacked by pip where no checkout is near."""
    folder = tmp_path_factory.mktemp("installed")
    wheel = str(next(built.glob("*.whl")))
    run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", str(folder), wheel],
        folder,
    )
    return folder


def run(command: list[str], folder: Path, environment: Mapping[str, str] | None = None) -> str:
    """What a command that ends with 0 printed."""
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **(environment or {})}, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def required(built: Path) -> list[Requirement]:
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        name = next(name for name in wheel.namelist() if name.endswith("METADATA"))
        metadata = Parser().parsestr(wheel.read(name).decode())
    return [Requirement(text) for text in metadata.get_all("Requires-Dist", [])]


def test_the_plain_install_asks_for_no_model_library(built: Path) -> None:
    plain = {r.name for r in required(built) if r.marker is None or r.marker.evaluate({"extra": ""})}
    assert "numpy" in plain
    assert not plain & HEAVY


def test_the_extra_runtime_asks_for_the_model_libraries_and_dev_for_none(built: Path) -> None:
    def of(extra: str) -> set[str]:
        return {r.name for r in required(built) if r.marker and r.marker.evaluate({"extra": extra})}

    assert {"torch", "transformers", "peft", "sentence-transformers"} <= of("runtime")
    assert not of("dev") & HEAVY


def test_the_wheel_holds_the_rules_and_the_marker_of_its_types(built: Path) -> None:
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
    rules = {f"adapterlint/rules/{path.name}" for path in (ROOT / "rules").glob("*.yml")}
    assert rules
    assert rules <= names
    assert "adapterlint/py.typed" in names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"adapterlint"}
    assert not [name for name in names if "__pycache__" in name]


def test_the_sdist_holds_what_a_packager_needs(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    wanted = {"README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "pyproject.toml", ".pre-commit-hooks.yaml"}
    assert wanted <= names
    assert {name.split("/")[0] for name in names} >= {"src", "rules", "tests", "examples", "benchmarks"}


def test_the_installed_wheel_knows_the_same_rules_as_the_checkout(installed: Path, tmp_path: Path) -> None:
    program = (
        "import adapterlint, sys; from adapterlint.rulebook import Rulebook; print(adapterlint.__file__, *Rulebook())"
    )
    inside = run([sys.executable, "-c", program], tmp_path, {"PYTHONPATH": str(installed)}).split()
    here = run([sys.executable, "-c", program], tmp_path, {"PYTHONPATH": str(ROOT / "src")}).split()
    assert Path(inside[0]).is_relative_to(installed)
    assert Path(here[0]).is_relative_to(ROOT)
    assert inside[1:] == here[1:]


def test_the_installed_wheel_explains_a_rule_of_either_shelf(installed: Path, tmp_path: Path) -> None:
    for rule in ("inert-adapter", "peft-on-sentence-transformer"):
        command = [sys.executable, "-m", "adapterlint", "explain", rule]
        text = run(command, tmp_path, {"PYTHONPATH": str(installed), "PYTHONIOENCODING": "utf-8"})
        assert rule in text
