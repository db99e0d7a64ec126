"""Print the three ratios; exit 1 when one misses its bar."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import sources, startup, weights

if TYPE_CHECKING:
    from benchmarks.ratio import Ratio


def main() -> int:
    """Measure what was asked for (all three by default) and print each ratio beside its bar."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("only", nargs="*", metavar="startup|sources|weights", help="measure these only")
    parser.add_argument("--tree", type=Path, help="site-packages for `sources` (default: this interpreter's)")
    arguments = parser.parse_args()
    measures: dict[str, Callable[[], Ratio]] = {
        "startup": startup.measure,
        "sources": lambda: sources.measure(arguments.tree),
        "weights": weights.measure,
    }
    if unknown := set(arguments.only) - set(measures):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores")
    ratios = []
    for name, measure in measures.items():
        if name in (arguments.only or measures):
            ratios.append(measure())
            print(*ratios[-1].lines(), sep="\n", flush=True)
    return 0 if all(ratio.passed for ratio in ratios) else 1


if __name__ == "__main__":
    raise SystemExit(main())
