"""`check` over a large tree of installed packages, against ruff looking for undefined names, and against grep."""

from __future__ import annotations

import json
import sys
import sysconfig
from pathlib import Path

from benchmarks.ratio import Ratio, alternate
from benchmarks.startup import bytecode, run, script

# Ruff reads stubs too, which would flatter us: left out, so that both read the same files.
_GREP = ["grep", "-rl", "--include=*.py", "--include=*.ipynb", "peft"]
RUFF = ("--isolated", "--no-cache", "--exclude", "*.pyi")


def measure(tree: Path | None = None, rounds: int = 5) -> list[Ratio]:
    """All over `tree` (default: the site-packages of this interpreter), in turn.

    Raises SystemExit where the tree is too small to say anything.
    """
    tree = tree or Path(sysconfig.get_paths()["purelib"])
    files = sum(1 for _ in tree.rglob("*.py"))
    if files < 10_000 or not {"peft", "transformers"} <= {entry.name for entry in tree.iterdir()}:
        raise SystemExit(f"{tree} has {files} .py files; name a site-packages of 10,000 or more with peft: --tree PATH")
    check = [script(), "check", str(tree), "--isolated", "--exit-zero"]
    ruff = [sys.executable, "-m", "ruff", "check", "--exit-zero", "--select", "F821", *RUFF, str(tree)]
    with bytecode() as environment:
        ours, theirs = alternate(lambda: run(check, environment), lambda: run(ruff, environment), rounds)
        again, grep = alternate(lambda: run(check, environment), lambda: run([*_GREP, str(tree)], environment), rounds)
        report = run([*check, "--output-format", "json"], environment)
        listed = run([sys.executable, "-m", "ruff", "check", "--show-files", *RUFF, str(tree)], environment)
    read = json.loads(report)["checked"]["scripts"]
    shown = sum(line.endswith(".py") for line in listed.splitlines())
    return [
        Ratio(
            "sources",
            ("adapterlint check", ours),
            ("ruff check --isolated --no-cache --select F821", theirs),
            at_most=0.8,
            notes=(f"{files} .py files in {tree}: {read} read by adapterlint, {shown} by ruff",),
        ),
        Ratio("sources, against grep", ("adapterlint check", again), (" ".join(_GREP), grep), at_most=4),
    ]
