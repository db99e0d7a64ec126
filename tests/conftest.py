"""Shared fixtures: a tiny real world per stack of libraries. Nothing heavy is imported at collection."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import worlds

if TYPE_CHECKING:
    import numpy as np

os.environ.update(worlds.OFFLINE)

# The stacks a mended program may have to run on. The main one is this interpreter's own; the older ones are given.
STACKS = {"new": None, "mid": "ADAPTERLINT_STACK_MID", "old": "ADAPTERLINT_STACK_OLD"}
STACK_OF = {"6.2.0": ("new",), "5.3.0": ("mid",), "3.0.1": ("old",), "unknown": ("new", "mid", "old")}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = [name for name in ("torch", "peft", "sentence_transformers") if importlib.util.find_spec(name) is None]
    if missing:
        skip = pytest.mark.skip(reason=f"needs the extra [runtime]: no {', '.join(missing)}")
        for item in items:
            if item.get_closest_marker("runtime"):
                item.add_marker(skip)


@dataclass
class Stack:
    """One set of library versions: its interpreter, and a world built with it (see tests/worlds.py)."""

    name: str
    python: str
    world: Path
    outcomes: dict[str, str] = field(default_factory=dict)

    def call(self, *arguments: str) -> None:
        command = [self.python, worlds.__file__, *arguments]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)
        assert done.returncode == 0, done.stderr

    def run(self, programs: list[Path], jobs: Path) -> dict[Path, str]:
        """Run the programs one after the other in one fresh interpreter: what each failed with, "" for nothing."""
        jobs.write_text(json.dumps([str(program) for program in programs]), encoding="utf-8")
        self.call("run", str(jobs))
        outcomes = json.loads(jobs.with_suffix(".outcomes.json").read_text(encoding="utf-8"))
        return {Path(program): trouble for program, trouble in outcomes.items()}

    def right(self, adapter: str) -> np.ndarray:
        """The embeddings of a hand-written right load of `adapter`; "base" for none."""
        import numpy as np

        embeddings: np.ndarray = np.load(self.world / f"{adapter}.npy")
        return embeddings


@pytest.fixture(scope="session")
def stack_named(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Stack]:
    """The stack of a name, its world built on first use; skips where no interpreter of it is given."""
    built: dict[str, Stack] = {}

    def stack(name: str) -> Stack:
        variable = STACKS[name]
        python = os.environ.get(variable, "") if variable else sys.executable
        if not python:
            pytest.skip(f"{variable} names no interpreter")
        if name not in built:
            folder = tmp_path_factory.mktemp(f"world-{name}")
            built[name] = Stack(name, python, folder)
            built[name].call("build", str(folder))
        return built[name]

    return stack


@pytest.fixture(scope="session")
def stack(stack_named: Callable[[str], Stack]) -> Stack:
    """The stack of this interpreter."""
    return stack_named("new")
