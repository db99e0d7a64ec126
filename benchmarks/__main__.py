"""Print the ratios; exit 1 when one misses its bar."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import folders, notebook, sources, startup, weights

if TYPE_CHECKING:
    from benchmarks.ratio import Ratio


def main() -> int:
    """Measure what was asked for (everything by default) and print each ratio beside its bar."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("only", nargs="*", metavar="startup|sources|weights|folders", help="measure these only")
    parser.add_argument("--tree", type=Path, help="site-packages for `sources` (default: this interpreter's)")
    arguments = parser.parse_args()
    measures: dict[str, Callable[[], list[Ratio]]] = {
        "startup": lambda: [startup.measure()],
        "sources": lambda: [*notebook.measure(), *sources.measure(arguments.tree)],
        "weights": weights.measure,
        "folders": folders.measure,
    }
    if unknown := set(arguments.only) - set(measures):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores")
    ratios = []
    for name, measure in measures.items():
        if name in (arguments.only or measures):
            for ratio in measure():
                ratios.append(ratio)
                print(*ratio.lines(), sep="\n", flush=True)
    return 0 if all(ratio.passed for ratio in ratios) else 1


if __name__ == "__main__":
    raise SystemExit(main())
