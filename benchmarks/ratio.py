"""Two things timed in turn, so that a slow minute of the machine falls on both."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Ratio:
    """A measurement: the seconds of each round of ours and of theirs, and the bar for the quotient of their medians.

    With `at_most` the quotient is ours / theirs (a cost); with `at_least` it is theirs / ours (a speed).
    """

    name: str
    ours: tuple[str, Sequence[float]]
    theirs: tuple[str, Sequence[float]]
    at_most: float | None = None
    at_least: float | None = None
    notes: tuple[str, ...] = ()
    unit: str = "s"

    @property
    def value(self) -> float:
        """The quotient of the medians."""
        cost = median(self.ours[1]) / median(self.theirs[1])
        return cost if self.at_most is not None else 1 / cost

    @property
    def passed(self) -> bool:
        """Whether the quotient is on the right side of its bar."""
        if self.at_most is not None:
            return self.value <= self.at_most
        return self.at_least is None or self.value >= self.at_least

    def lines(self) -> list[str]:
        """The measurement for a person: the quotient and its bar, both medians with their extremes, the notes."""
        bar = f"at most {self.at_most}" if self.at_most is not None else f"at least {self.at_least}"
        rows = [f"{self.name}: {self.value:.2f}, bar {bar}: {'pass' if self.passed else 'FAIL'}"]
        width = max(len(self.ours[0]), len(self.theirs[0]))
        for label, seconds in (self.ours, self.theirs):
            extremes = f"  ({min(seconds):.4f}–{max(seconds):.4f}, {len(seconds)} rounds)" if len(seconds) > 1 else ""
            rows.append(f"  {label:<{width}}  median {median(seconds):.4f} {self.unit}{extremes}")
        return [*rows, *(f"  {note}" for note in self.notes)]


def seconds(work: Callable[[], object]) -> float:
    """The wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def alternate(ours: Callable[[], object], theirs: Callable[[], object], rounds: int) -> tuple[list[float], list[float]]:
    """The seconds of each of `rounds` calls of both, taken in turn after one call of each that warms the caches."""
    ours(), theirs()
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(rounds)]
    return [mine for mine, _ in pairs], [other for _, other in pairs]
