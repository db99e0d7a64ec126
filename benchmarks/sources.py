"""`check` over a large tree of installed packages, against ruff looking for undefined names in the same files."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from benchmarks.ratio import Ratio, alternate
from benchmarks.startup import script

# Ruff reads stubs too, which would flatter us: left out, so that both read the same files.
RUFF = ("--isolated", "--no-cache", "--exclude", "*.pyi")


def measure(tree: Path | None = None, rounds: int = 5) -> Ratio:
    """Both over `tree` (default: the site-packages of this interpreter), in turn.

    Raises SystemExit where the tree is too small to say anything or the two did not read the same files.
    """
    tree = tree or Path(sysconfig.get_paths()["purelib"])
    files = sum(1 for _ in tree.rglob("*.py"))
    if files < 10_000 or not {"peft", "transformers"} <= {entry.name for entry in tree.iterdir()}:
        raise SystemExit(f"{tree} has {files} .py files; name a site-packages of 10,000 or more with peft: --tree PATH")
    check = [script(), "check", str(tree), "--isolated", "--exit-zero"]
    ruff = [sys.executable, "-m", "ruff", "check", "--exit-zero", "--select", "F821", *RUFF, str(tree)]
    ours, theirs = alternate(lambda: output(check), lambda: output(ruff), rounds)
    return Ratio(
        "sources",
        ("adapterlint check", ours),
        ("ruff check --isolated --no-cache --select F821", theirs),
        at_most=0.7,
        notes=(f"{files} .py files in {tree}; {read_by_us(check)} read by adapterlint, {read_by_ruff(tree)} by ruff",),
    )


def read_by_us(check: Sequence[str]) -> int:
    """How many .py files adapterlint says it looked at."""
    return int(json.loads(output([*check, "--output-format", "json"]))["checked"]["scripts"])


def read_by_ruff(tree: Path) -> int:
    """How many .py files ruff says it would look at."""
    listed = output([sys.executable, "-m", "ruff", "check", "--show-files", *RUFF, str(tree)])
    return sum(line.endswith(".py") for line in listed.splitlines())


def output(command: Sequence[str]) -> str:
    """What a command that ends with 0 printed."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
