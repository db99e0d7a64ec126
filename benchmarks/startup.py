"""`check` on sources that never mention an adapter, against an interpreter that does nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.ratio import Ratio, alternate

FILES = 200
MODULE = '''"""Module {number} of a project that has nothing to do with adapters."""

import json
from pathlib import Path


def totals(path: Path) -> dict[str, float]:
    """The sum of each column of a report."""
    rows = json.loads(path.read_text())
    return {{key: sum(row[key] for row in rows) + {number} for key in rows[0]}}
'''


def measure(rounds: int = 21) -> Ratio:
    """A process of `adapterlint check` over 200 files, and one of `python -c pass`, in turn."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(FILES):
            (Path(folder) / f"module_{number:03}.py").write_text(MODULE.format(number=number), encoding="utf-8")
        check = [script(), "check", folder, "--isolated"]
        bare = [sys.executable, "-c", "pass"]
        with bytecode() as environment:
            ours, theirs = alternate(lambda: run(check, environment), lambda: run(bare, environment), rounds)
    return Ratio(
        "start-up",
        (f"adapterlint check, {FILES} files without peft", ours),
        ("python -c pass", theirs),
        at_most=9,
    )


def script() -> str:
    """The installed command, as a person and a pre-commit hook start it. SystemExit where it is not installed."""
    found = shutil.which("adapterlint", path=str(Path(sys.executable).parent))
    if found is None:
        raise SystemExit("adapterlint is not installed beside this interpreter: pip install -e .")
    return found


@contextmanager
def bytecode() -> Iterator[dict[str, str]]:
    """An environment in which modules are compiled once, as those of an installed package are.

    Where PYTHONDONTWRITEBYTECODE is set, an editable install would be compiled anew at every start.
    """
    with tempfile.TemporaryDirectory() as cache:
        outside = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        yield {**outside, "PYTHONPYCACHEPREFIX": cache}


def run(command: list[str], environment: dict[str, str]) -> str:
    """What a command that ends with 0 printed."""
    done = subprocess.run(command, check=True, env=environment, capture_output=True, encoding="utf-8")
    return done.stdout
