"""Print the three ratios; exit 1 when one misses its bar."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable
from pathlib import Path

from benchmarks import sources, startup, weights
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
        "weights": of_weights,
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


def of_weights() -> Ratio:
    """The facts of all tensors of a 438 MB file against numpy.max over the same bytes."""
    figures = weights.measure()
    return Ratio(
        "weights",
        ("all facts, one thread", [figures["facts_seconds"]]),
        ("numpy.max over the same mmap", [figures["max_seconds"]]),
        at_least=0.6,
        notes=(
            f"{figures['megabytes']:.0f} MB of float32, medians of {weights.ROUNDS} rounds each",
            f"with the pages already touched: {figures['ratio_same_map']:.2f}",
            f"half the bytes: bfloat16 {figures['ratio_bf16']:.2f}, float16 {figures['ratio_f16']:.2f}",
        ),
    )


if __name__ == "__main__":
    raise SystemExit(main())
