"""What the numbers of a block of memory are like: largest magnitude, sum of squares, non-finite ones. Needs numpy.

Floats are looked at as integers: without its sign bit a float is an integer that grows with its magnitude, and from
a certain value on it is an infinity or NaN. So two integer maxima, over the signed and over the unsigned view, give
the largest magnitude and say whether everything is finite, exactly and for denormals too. The sum of squares is a
BLAS dot product in float32, repeated in float64 where float32 would overflow or underflow.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from adapterlint.artifacts.weights.dtypes import LAYOUTS, byte_values

if TYPE_CHECKING:
    from adapterlint.artifacts.weights.dtypes import Layout

Bytes = npt.NDArray[np.uint8]
Array = npt.NDArray[Any]

_TINY, _HUGE = 1e-12, 1e12  # between these, squares and sums of a block of them neither underflow nor overflow float32


class Measure(NamedTuple):
    """Of some numbers: largest finite magnitude, sum of squares of the finite ones, how many are not finite."""

    max_abs: float
    sum_squares: float
    non_finite: int


Kernel = Callable[[Bytes], Measure]
"""Measures the elements in a block of bytes, whole elements only, in the byte order of the file (little-endian)."""


@lru_cache(maxsize=64)
def kernel(dtype: str) -> Kernel | None:
    """The kernel for a safetensors dtype; None where values are not looked at (F4, F6 and names not known)."""
    if dtype in LAYOUTS:
        layout = LAYOUTS[dtype]
        unsigned, signed = np.dtype(f"<u{layout.bits // 8}"), np.dtype(f"<i{layout.bits // 8}")
        squares = {"F64": _squares_f64, "BF16": _squares_bf16, "F16": _squares_f16}.get(dtype, _squares_f32)
        return lambda block: _measure_floats(block, layout, unsigned, signed, squares, widener(dtype))
    if (values := byte_values(dtype)) is not None:
        table = np.array(values)
        return lambda block: _measure_bytes(block, table)
    if dtype[1:] in ("16", "32", "64") and dtype[0] in "IU":
        integer = np.dtype(f"<{dtype[0].lower()}{int(dtype[1:]) // 8}")
        return lambda block: _measure_integers(block.view(integer))
    return None


@lru_cache(maxsize=64)
def widener(dtype: str) -> Callable[[Bytes], Array]:
    """Turns bytes of a float dtype into a float array that holds the same numbers (float32, float64 for F64)."""
    if dtype == "BF16":
        return lambda block: (block.view("<u2").astype(np.uint32) << np.uint32(16)).view(np.float32)
    if dtype == "F16":
        return lambda block: block.view("<f2").astype(np.float32)
    name = "<f8" if dtype == "F64" else "<f4"
    return lambda block: block.view(name)


def _measure_floats(
    block: Bytes,
    layout: Layout,
    unsigned: np.dtype[Any],
    signed: np.dtype[Any],
    squares: Callable[[Bytes], float],
    widen: Callable[[Bytes], Array],
) -> Measure:
    total = squares(block)  # first: the pass that waits for memory is then the cheapest one
    bits = block.view(unsigned)
    top = int(np.maximum.reduce(bits))
    if top >= layout.sign:  # some are negative: the larger of both sides counts
        top = max(top - layout.sign, int(np.maximum.reduce(block.view(signed))))
    if top >= layout.limit:
        return _measure_finite(block, layout, bits, widen)
    largest = _number(top, layout)
    if not _TINY < largest < _HUGE and layout.bits < 64 and largest:
        wide = widen(block).astype(np.float64)
        total = float(np.dot(wide, wide))
    return Measure(largest, total, 0)


def _number(bits: int, layout: Layout) -> float:
    """The number whose bits these are, exactly; `layout` is of one of the five kinds of LAYOUTS."""
    if layout.limit == LAYOUTS["BF16"].limit:
        bits <<= 16
    code = {LAYOUTS["F64"].limit: "d", LAYOUTS["F16"].limit: "e"}.get(layout.limit, "f")
    return float(struct.unpack(f"<{code}", bits.to_bytes(struct.calcsize(code), "little"))[0])


def _measure_finite(block: Bytes, layout: Layout, bits: Array, widen: Callable[[Bytes], Array]) -> Measure:
    """As `_measure_floats` for the rare block with NaN or infinity: those are counted and left out of the rest."""
    infinite = (bits & bits.dtype.type(layout.sign - 1)) >= bits.dtype.type(layout.limit)
    finite = widen(block)[~infinite].astype(np.float64)
    largest = float(np.abs(finite).max()) if finite.size else 0.0
    return Measure(largest, float(np.dot(finite, finite)), int(np.count_nonzero(infinite)))


def _squares_f32(block: Bytes) -> float:
    numbers = block.view("<f4")
    return float(np.dot(numbers, numbers))


def _squares_f64(block: Bytes) -> float:
    numbers = block.view("<f8")
    return float(np.dot(numbers, numbers))


def _squares_bf16(block: Bytes) -> float:
    """A pair of bfloat16 is one word: its low half shifted up and its high half masked are two float32."""
    count = block.size // 4
    pairs = block[: count * 4].view("<u4")
    word = np.left_shift(pairs, np.uint32(16))
    half = word.view(np.float32)
    total = float(np.dot(half, half))
    np.bitwise_and(pairs, np.uint32(0xFFFF0000), out=word)
    total += float(np.dot(half, half))
    return total + _last(block, count, "BF16")


def _squares_f16(block: Bytes) -> float:
    """As for bfloat16; exponent and fraction moved to their places in a float32 give the value times 2**-112.

    Several times faster than numpy's cast, and right for denormals. Infinities come out finite: the caller sees them.
    """
    count = block.size // 4
    pairs = block[: count * 4].view("<u4")
    scale = np.float32(2.0**112)
    word = np.bitwise_and(pairs, np.uint32(0x7FFF))
    half = word.view(np.float32)
    np.left_shift(word, np.uint32(13), out=word)
    np.multiply(half, scale, out=half)
    total = float(np.dot(half, half))
    np.bitwise_and(pairs, np.uint32(0x7FFF0000), out=word)
    np.right_shift(word, np.uint32(3), out=word)
    np.multiply(half, scale, out=half)
    total += float(np.dot(half, half))
    return total + _last(block, count, "F16")


def _last(block: Bytes, pairs: int, dtype: str) -> float:
    """The square of the element after the last whole pair, if there is one."""
    return float(widener(dtype)(block[pairs * 4 :])[0]) ** 2 if block.size > pairs * 4 else 0.0


def _measure_bytes(block: Bytes, table: Array) -> Measure:
    """One-byte dtypes: how often each byte occurs says everything."""
    counts = np.bincount(block, minlength=256)
    finite = np.isfinite(table)
    seen = table[finite & (counts > 0)]
    values = np.where(finite, table, 0.0)
    return Measure(
        float(np.abs(seen).max()) if seen.size else 0.0,
        float(np.dot(values * values, counts)),
        int(counts[~finite].sum()),
    )


def _measure_integers(numbers: Array) -> Measure:
    wide = numbers.astype(np.float64)
    return Measure(float(max(int(numbers.max()), -int(numbers.min()))), float(np.dot(wide, wide)), 0)
