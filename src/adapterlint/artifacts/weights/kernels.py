"""What numbers in memory are like: largest magnitude, sum of squares, how many are not finite. Needs numpy.

Floats are looked at as integers: without its sign bit a float is an integer that grows with its magnitude, and from
a certain value on it is an infinity or NaN. So two integer maxima, over the signed and over the unsigned view, give
the largest magnitude and say whether everything is finite, exactly and for denormals too. The sum of squares is a
BLAS dot product in float32, done again in float64 where float32 would overflow or underflow.

No BLAS multiplies 16-bit floats, and to widen them costs twice as much as all other looks together. Of those only a
checksum is taken, which tells copies from others as well as squares do; who wants the sum of squares asks for it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from adapterlint.artifacts.weights.dtypes import LAYOUTS, byte_values

Bytes = npt.NDArray[np.uint8]
Array = npt.NDArray[Any]

BLOCK = 640 * 1024
"""Bytes looked at before going on: every look after the first then stays in the second-level cache. Measured: 256 kB
costs a tenth more, in calls."""

_WORD = np.dtype("<u8")
_MODULUS = 1 << 64
_TINY, _HUGE = 1e-12, 1e12  # between these, squares and sums of a block of them neither underflow nor overflow float32


class Measure(NamedTuple):
    """Of some numbers: largest finite magnitude, sum of squares of the finite ones, how many are not finite.

    Of 16-bit floats that are finite and not all equal, the sum of their bits as words of 64 stands for the squares.
    """

    max_abs: float
    sum_squares: float | None
    non_finite: int
    checksum: int = 0


Kernel = Callable[[Bytes], Measure]
"""Measures the elements in some bytes, whole elements only, in the byte order of the file (little-endian)."""


@lru_cache(maxsize=64)
def kernel(dtype: str) -> Kernel | None:
    """The kernel for a safetensors dtype; None where values are not looked at (F4, F6 and names not known)."""
    if dtype in LAYOUTS:
        return _Floats(dtype)
    if (values := byte_values(dtype)) is not None:
        table = np.array(values)
        return lambda data: _measure_bytes(data, table)
    if dtype[1:] in ("16", "32", "64") and dtype[0] in "IU":
        integer = np.dtype(f"<{dtype[0].lower()}{int(dtype[1:]) // 8}")
        return lambda data: _measure_integers(data.view(integer))
    return None


def careful(dtype: str) -> Kernel | None:
    """The kernel that leaves no sum of squares out."""
    look = kernel(dtype)
    return look.measure_with_care if isinstance(look, _Floats) else look


@lru_cache(maxsize=64)
def widener(dtype: str) -> Callable[[Bytes], Array]:
    """Turns bytes of a float dtype into a float array that holds the same numbers (float32, float64 for F64)."""
    if dtype == "BF16":
        return lambda data: (data.view("<u2").astype(np.uint32) << np.uint32(16)).view(np.float32)
    if dtype == "F16":
        return lambda data: data.view("<f2").astype(np.float32)
    name = "<f8" if dtype == "F64" else "<f4"
    return lambda data: data.view(name)


class _Floats:
    """The kernel of one float dtype."""

    def __init__(self, dtype: str) -> None:
        self.layout = LAYOUTS[dtype]
        self.size = self.layout.bits // 8
        self.unsigned, self.signed = np.dtype(f"<u{self.size}"), np.dtype(f"<i{self.size}")
        self.summed = _WORD if self.size == 2 else np.dtype(f"<f{self.size}")
        self.total: Callable[[Array], Any] = np.add.reduce if self.size == 2 else _squared
        self.widen = widener(dtype)
        self.code = {"F64": "d", "F16": "e"}.get(dtype, "f")
        self.shift = 16 if dtype == "BF16" else 0

    def __call__(self, data: Bytes) -> Measure:
        totals, tops, positives = self._look(data)
        top = int(max(tops, default=0))
        if top >= self.layout.sign:  # some are negative: the larger of both sides counts
            top = max(top - self.layout.sign, int(max(positives)))
        if top == 0:
            return Measure(0.0, 0.0, 0)
        magnitude = self._number(top) if top < self.layout.limit else float("inf")
        if self.size == 2:
            checksum = sum(map(int, totals)) % _MODULUS
            if top < self.layout.limit and checksum != self._of_equals(data):
                return Measure(magnitude, None, 0, checksum)
        elif _TINY < magnitude < _HUGE or (self.code == "d" and top < self.layout.limit):
            return Measure(magnitude, float(sum(map(float, totals))), 0)
        return self.measure_with_care(data)

    def _look(self, data: Bytes) -> tuple[list[Any], list[Any], list[Any]]:
        """Per block its total and its largest element, unsigned and signed; nothing else, for speed."""
        totals, tops, positives = [], [], []
        largest, total = np.maximum.reduce, self.total
        whole = data.size // self.summed.itemsize * self.summed.itemsize
        views = (data[:whole].view(dtype) for dtype in (self.summed, self.unsigned, self.signed))
        for numbers, bits, signed in zip(*map(_blocks, views), strict=True):
            totals.append(total(numbers))  # first: the look that waits for memory is then the cheapest one
            tops.append(largest(bits))
            positives.append(largest(signed))
        if whole < data.size:  # up to three 16-bit floats that do not fill a word
            rest = data[whole:]
            totals.append(int.from_bytes(rest.tobytes(), "little"))
            tops.append(largest(rest.view(self.unsigned)))
            positives.append(largest(rest.view(self.signed)))
        return totals, tops, positives

    def _of_equals(self, data: Bytes) -> int:
        """The checksum that the data has if all its elements are equal to the first."""
        first = int.from_bytes(data[:2].tobytes(), "little")
        words, rest = divmod(data.size, _WORD.itemsize)
        word = first * 0x0001_0001_0001_0001
        return (word * words + word % (1 << 8 * rest)) % _MODULUS

    def _number(self, bits: int) -> float:
        """The number whose bits these are, exactly."""
        value = (bits << self.shift).to_bytes(struct.calcsize(self.code), "little")
        return float(struct.unpack(f"<{self.code}", value)[0])

    def measure_with_care(self, data: Bytes) -> Measure:
        """In float64, with NaN and infinities counted and left out of the rest: several times slower, and rare."""
        magnitude, total, non_finite = 0.0, 0.0, 0
        step = BLOCK // 8  # what is made of it is up to four times as large
        for start in range(0, data.size, step):
            numbers = self.widen(data[start : start + step]).astype(np.float64)
            square = float(np.dot(numbers, numbers))
            if not square < np.inf:
                finite = np.isfinite(numbers)
                non_finite += numbers.size - int(finite.sum())
                numbers = numbers[finite]
                square = float(np.dot(numbers, numbers))
            magnitude = max(magnitude, float(numbers.max(initial=0.0)), -float(numbers.min(initial=0.0)))
            total += square
        return Measure(magnitude, total, non_finite)


def _squared(block: Array) -> Any:
    return block.dot(block)


def _blocks(numbers: Array) -> Iterator[Array]:
    """The array in pieces of BLOCK bytes. Rows of a table are made faster than slices."""
    step = BLOCK // numbers.itemsize
    whole = numbers.size // step * step
    return chain(numbers[:whole].reshape(-1, step), (numbers[whole:],) if whole < numbers.size else ())


def _measure_bytes(data: Bytes, table: Array) -> Measure:
    """One-byte dtypes: how often each byte occurs says everything."""
    counts = np.zeros(256, np.int64)
    for start in range(0, data.size, BLOCK):  # bincount widens what it counts, so not all at once
        counts += np.bincount(data[start : start + BLOCK], minlength=256)
    finite = np.isfinite(table)
    seen = table[finite & (counts > 0)]
    values = np.where(finite, table, 0.0)
    return Measure(
        float(np.abs(seen).max()) if seen.size else 0.0,
        float(np.dot(values * values, counts)),
        int(counts[~finite].sum()),
    )


def _measure_integers(numbers: Array) -> Measure:
    magnitude, total = 0, 0.0
    step = BLOCK // numbers.itemsize
    for start in range(0, numbers.size, step):
        block = numbers[start : start + step]
        magnitude = max(magnitude, int(block.max()), -int(block.min()))
        wide = block.astype(np.float64)
        total += float(np.dot(wide, wide))
    return Measure(float(magnitude), total, 0)
