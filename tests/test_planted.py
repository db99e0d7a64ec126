"""Planted faults: nine in ten found, no innocent twin accused; and the programs are what they are said to be."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import planted
import planted_world

if TYPE_CHECKING:
    from conftest import Stack
    from planted import Planted

CASES = planted.read_all()
RUNS = [(case, stack) for case in CASES if not case.not_run for stack in case.stacks]
PROGRAMS = [(case, stack, name) for case, stack in RUNS for name, _ in case.programs()]


@pytest.mark.parametrize("rule", sorted(planted.known_rules()))
def test_the_planted_are_found_and_the_innocent_are_not_accused(rule: str) -> None:
    score = planted.score(rule)
    assert not score.false
    assert score.enough, score.missed


@pytest.fixture(scope="session")
def ran(stack_named: Callable[[str], Stack], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    """What each program of a stack came to, all run in one interpreter: its truth, or what went wrong."""

    @cache
    def of(name: str) -> dict[str, dict[str, Any]]:
        python, root = stack_named(name).python, tmp_path_factory.mktemp(f"planted-{name}")
        shutil.copytree(stack_named(name).world, root / "world")
        call(python, "build", root / "world")
        jobs = [job for case, stack in RUNS if stack == name for job in planted.jobs(case, root, root / "world")]
        (root / "jobs.json").write_text(json.dumps(jobs), encoding="utf-8")
        call(python, "run", root / "jobs.json")
        outcomes = json.loads((root / "jobs.outcomes.json").read_text(encoding="utf-8"))
        return {str(Path(path).parent.relative_to(root)): outcome for path, outcome in outcomes.items()}

    return of


def call(python: str, command: str, path: Path) -> None:
    done = subprocess.run([python, planted_world.__file__, command, str(path)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")


@pytest.mark.runtime
@pytest.mark.parametrize(("case", "stack", "name"), PROGRAMS, ids=[f"{name}-{stack}" for _, stack, name in PROGRAMS])
def test_running_decides(case: Planted, stack: str, name: str, ran: Callable[[str], Any]) -> None:
    outcome = ran(stack)[name]
    assert not outcome.get("trouble"), outcome["trouble"]
    assert outcome["truth"] == name.endswith("/faulty")
