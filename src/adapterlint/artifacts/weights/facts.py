"""Facts about the values of tensors, read from their files in one pass. Needs numpy.

Large files are mapped, since copying their bytes costs more than looking at them, and unmapped before anything else
happens: Windows cannot replace a mapped file. Small files are read: a file that shrinks under a map (a training run
that saves again) would kill the process. Small neighbours of one dtype are measured together, since thousands of
small tensors are otherwise all overhead.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from adapterlint.artifacts.weights.dtypes import LAYOUTS
from adapterlint.artifacts.weights.header import open_regular
from adapterlint.artifacts.weights.kernels import Bytes, Measure, kernel, widener
from adapterlint.model import Broken

if TYPE_CHECKING:
    from io import FileIO

    from adapterlint.artifacts.weights.header import Tensor
    from adapterlint.artifacts.weights.kernels import Kernel

CHUNK = 1024 * 1024  # bytes read at once where a file is not mapped
MAP_FROM = 4 * CHUNK  # bytes of tensors in a file from which on it is mapped
SMALL = 32 * 1024  # tensors below this are measured together with their neighbours


class Facts(NamedTuple):
    """What is known of a tensor's values. `any_nonzero` is exact, NaN and infinities count as non-zero.

    `max_abs` is the largest finite magnitude and `sum_squares` the sum over the finite values (relative error below
    1e-4; infinite where float64 overflows). Complex numbers count as their two parts.
    """

    any_nonzero: bool
    non_finite: int
    max_abs: float
    sum_squares: float
    elements: int


_EMPTY = Facts(False, 0, 0.0, 0.0, 0)


def read_facts(tensors: Iterable[Tensor]) -> dict[str, Facts | None]:
    """Facts by tensor name. None where values are not looked at (F4, F6, an unknown dtype) or cannot be read.

    Every byte is read once, in the order of the files; no file is open or mapped afterwards. Safe to call from threads.
    """
    facts: dict[str, Facts | None] = {}
    by_file: dict[str, list[Tensor]] = {}
    for tensor in tensors:
        facts[tensor.name] = None
        if tensor.start == tensor.stop:
            facts[tensor.name] = _EMPTY if tensor.readable else None
        elif tensor.readable:
            by_file.setdefault(tensor.file, []).append(tensor)
    for path, inside in by_file.items():
        opened = open_regular(path)
        if isinstance(opened, Broken):
            continue
        with opened as file, np.errstate(all="ignore"):
            _read_file(file, inside, facts)
    return facts


Pieces = Callable[[int, int], Iterator[Bytes]]
"""The bytes of a file from one offset up to another, in whole elements; EOFError where the file is shorter."""


def _read_file(file: FileIO, tensors: list[Tensor], facts: dict[str, Facts | None]) -> None:
    tensors.sort(key=attrgetter("start"))
    span = tensors[-1].stop - tensors[0].start
    if span >= MAP_FROM:
        with suppress(OSError, ValueError):  # some file systems cannot map; then it is read
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            pieces = _mapped(mapped)
            _measure(tensors, pieces, facts)
            del pieces  # it exports the map, which could not be closed
            mapped.close()
            return
    _measure(tensors, _copied(file, np.empty(min(CHUNK, span), np.uint8)), facts)


def _mapped(mapped: mmap.mmap) -> Pieces:
    data = np.frombuffer(mapped, np.uint8)

    def pieces(start: int, stop: int) -> Iterator[Bytes]:
        if stop > data.size:
            raise EOFError
        yield data[start:stop]

    return pieces


def _copied(file: FileIO, buffer: Bytes) -> Pieces:
    def pieces(start: int, stop: int) -> Iterator[Bytes]:
        file.seek(start)
        while start < stop:
            piece = buffer[: stop - start]
            view = piece.data
            while view:
                count = file.readinto(view)
                if not count:
                    raise EOFError
                view = view[count:]
            yield piece
            start += piece.size

    return pieces


def _measure(tensors: list[Tensor], pieces: Pieces, facts: dict[str, Facts | None]) -> None:
    for run in _runs(tensors):
        look = kernel(run[0].dtype)
        if look is None:
            continue
        try:
            if len(run) > 1 and run[0].dtype in LAYOUTS:
                _measure_floats(next(pieces(run[0].start, run[-1].stop)), run, facts)
                continue
        except (EOFError, OSError):
            pass  # what lies before the end can still be measured
        for tensor in run:
            # a failing disk or a file that ends early: these values stay unread, and None says so
            with suppress(EOFError, OSError):
                facts[tensor.name] = _measure_one(tensor, look, pieces)


def _runs(tensors: list[Tensor]) -> Iterator[list[Tensor]]:
    """Neighbours that can be measured together, at most a chunk of them; larger tensors alone."""
    run: list[Tensor] = []
    for tensor in tensors:
        if run and not (
            tensor.start == run[-1].stop
            and tensor.dtype == run[0].dtype
            and tensor.stop - run[0].start <= CHUNK
            and tensor.stop - tensor.start < SMALL
            and run[0].stop - run[0].start < SMALL
        ):
            yield run
            run = []
        run.append(tensor)
    if run:
        yield run


def _measure_one(tensor: Tensor, look: Kernel, pieces: Pieces) -> Facts:
    largest, squares, non_finite = 0.0, 0.0, 0
    for piece in pieces(tensor.start, tensor.stop):
        part = look(piece)
        largest, squares, non_finite = max(largest, part[0]), squares + part[1], non_finite + part[2]
    return _facts(tensor, Measure(largest, squares, non_finite))


def _facts(tensor: Tensor, measure: Measure) -> Facts:
    largest, squares, non_finite = measure
    return Facts(largest > 0 or non_finite > 0, non_finite, largest, squares, tensor.elements)


def _measure_floats(block: Bytes, run: list[Tensor], facts: dict[str, Facts | None]) -> None:
    """All tensors of a run of floats at once; `kernels` explains the integer maxima."""
    dtype, first = run[0].dtype, run[0].start
    layout, widen = LAYOUTS[dtype], widener(dtype)
    size = layout.bits // 8
    starts = np.array([(tensor.start - first) // size for tensor in run])
    above = np.maximum.reduceat(block.view(f"<u{size}"), starts)
    positive = np.maximum.reduceat(block.view(f"<i{size}"), starts)
    sign = above.dtype.type(layout.sign)
    tops = np.where(above >= sign, np.maximum(above - sign, np.maximum(positive, 0).astype(above.dtype)), above)
    wide = widen(block)
    squares = np.add.reduceat(np.multiply(wide, wide, dtype=np.float64), starts)
    infinite = tops >= layout.limit
    largest: list[float] = widen(tops.view(np.uint8)).tolist()
    for tensor, top, total in zip(run, largest, squares.tolist(), strict=True):
        facts[tensor.name] = Facts(top > 0, 0, top, total, tensor.elements)
    look = kernel(dtype)
    if look is None or not infinite.any():
        return
    for index in np.flatnonzero(infinite).tolist():
        tensor = run[index]
        facts[tensor.name] = _facts(tensor, look(block[tensor.start - first : tensor.stop - first]))
