"""Facts about the values of tensors, read from their files in one pass, block by block. Needs numpy.

Blocks are read, not mapped: a file that shrinks under a memory map kills the process, an open map keeps Windows from
replacing the file, and reading into a buffer that stays in the cache is measured to be as fast. Small neighbours of
one dtype share a read and are measured together, since thousands of small tensors are otherwise all overhead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import FileIO
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from adapterlint.artifacts.weights.dtypes import LAYOUTS
from adapterlint.artifacts.weights.header import open_regular
from adapterlint.artifacts.weights.kernels import Measure, kernel, widener
from adapterlint.model import Broken

if TYPE_CHECKING:
    from adapterlint.artifacts.weights.header import Tensor
    from adapterlint.artifacts.weights.kernels import Bytes, Kernel

BLOCK = 1024 * 1024  # bytes; a block stays in the cache while it is looked at. Measured: 0.25 MB is a fifth slower
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


def _read_file(file: FileIO, tensors: list[Tensor], facts: dict[str, Facts | None]) -> None:
    tensors.sort(key=attrgetter("start"))
    whole = tensors[-1].stop - tensors[0].start
    buffer = np.empty(min(BLOCK, whole), np.uint8)
    for run in _runs(tensors):
        measure = kernel(run[0].dtype)
        if measure is None:
            continue
        try:
            file.seek(run[0].start)
            if len(run) > 1:
                _measure_run(file, run, buffer, facts)
            else:
                facts[run[0].name] = _measure_one(file, run[0], measure, buffer)
        except OSError:  # a failing disk or share: these values stay unread, and None says so
            continue


def _runs(tensors: list[Tensor]) -> Iterator[list[Tensor]]:
    """Neighbours that can be measured together, at most a block of them; larger tensors alone."""
    run: list[Tensor] = []
    for tensor in tensors:
        if run and not (
            tensor.start == run[-1].stop
            and tensor.dtype == run[0].dtype
            and tensor.stop - run[0].start <= BLOCK
            and tensor.stop - tensor.start < SMALL
            and run[0].stop - run[0].start < SMALL
        ):
            yield run
            run = []
        run.append(tensor)
    if run:
        yield run


def _fill(file: FileIO, buffer: Bytes) -> bool:
    """Read until the buffer is full; false at an early end of the file."""
    view = buffer.data
    while view:
        count = file.readinto(view)
        if not count:
            return False
        view = view[count:]
    return True


def _measure_one(file: FileIO, tensor: Tensor, measure: Kernel, buffer: Bytes) -> Facts | None:
    left, largest, squares, non_finite = tensor.nbytes, 0.0, 0.0, 0
    while left:
        block = buffer[: min(left, BLOCK)]
        if not _fill(file, block):
            return None
        left -= block.size
        part = measure(block)
        largest, squares, non_finite = max(largest, part[0]), squares + part[1], non_finite + part[2]
    return _facts(tensor, Measure(largest, squares, non_finite))


def _facts(tensor: Tensor, measure: Measure) -> Facts:
    largest, squares, non_finite = measure
    return Facts(largest > 0 or non_finite > 0, non_finite, largest, squares, tensor.elements)


def _measure_run(file: FileIO, run: list[Tensor], buffer: Bytes, facts: dict[str, Facts | None]) -> None:
    first = run[0].start
    block = buffer[: run[-1].stop - first]
    if not _fill(file, block):
        for tensor in run:  # the file ends early: what lies before the end can still be read one by one
            file.seek(tensor.start)
            facts[tensor.name] = _measure_one(file, tensor, _known_kernel(tensor.dtype), buffer)
        return
    if run[0].dtype in LAYOUTS:
        _measure_floats(block, run, facts)
        return
    for tensor in run:
        facts[tensor.name] = _facts(
            tensor, _known_kernel(tensor.dtype)(block[tensor.start - first : tensor.stop - first])
        )


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
    for index in np.flatnonzero(infinite).tolist():
        tensor = run[index]
        part = _known_kernel(dtype)(block[tensor.start - first : tensor.stop - first])
        facts[tensor.name] = _facts(tensor, part)


def _known_kernel(dtype: str) -> Kernel:
    measure = kernel(dtype)
    if measure is None:
        raise KeyError(dtype)
    return measure
