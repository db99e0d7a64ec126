"""Facts about the values of tensors, read from their files in one pass, block by block. Needs numpy.

Blocks are read, not mapped: a file that shrinks under a memory map kills the process, an open map keeps Windows from
replacing the file, and reading into a buffer that stays in the cache is measured to be as fast. Small neighbours of
one dtype share a read and are measured together, since thousands of small tensors are otherwise all overhead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from io import FileIO
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from adapterlint.artifacts.weights.dtypes import BITS, LAYOUTS
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
        _read_file(path, _runs(inside), facts)
    return facts


def facts_of(tensors: Mapping[str, Tensor]) -> dict[str, Facts | None]:
    """As `read_facts`, with the plan of reading kept for all files of the same header (`Tensors.memo`)."""
    memo: dict[Any, Any] | None = getattr(tensors, "memo", None)
    if memo is None or not tensors:
        return read_facts(tensors.values())
    if "runs" not in memo:
        full = [tensor for tensor in tensors.values() if tensor.start < tensor.stop]
        memo["runs"] = {name: None if it.start < it.stop else _EMPTY for name, it in tensors.items()}, _runs(full)
    start, runs = memo["runs"]
    facts: dict[str, Facts | None] = dict(start)
    if runs:
        _read_file(next(iter(tensors.values())).file, runs, facts)
    return facts


class _Run(NamedTuple):
    """Neighbours in a file that are read and measured together: their names, places in elements, and numbers."""

    dtype: str
    start: int
    nbytes: int
    names: list[str]
    places: npt.NDArray[np.intp]
    elements: list[int]


def _read_file(path: str, runs: list[_Run], facts: dict[str, Facts | None]) -> None:
    opened = open_regular(path)
    if isinstance(opened, Broken):
        return
    with opened as file, np.errstate(all="ignore"):
        buffer = np.empty(min(BLOCK, sum(run.nbytes for run in runs)), np.uint8)
        at = -1
        for run in runs:
            measure = kernel(run.dtype)
            if measure is None:
                continue
            try:
                if at != run.start:
                    file.seek(run.start)
                at = run.start + run.nbytes
                if len(run.names) > 1:
                    _measure_run(file, run, buffer, facts)
                else:
                    facts[run.names[0]] = _measure_one(file, run.nbytes, run.elements[0], measure, buffer)
            except OSError:  # a failing disk or share: these values stay unread, and None says so
                at = -1


def _runs(tensors: list[Tensor]) -> list[_Run]:
    """Neighbours that can be measured together, at most a block of them; larger tensors alone."""
    groups: list[list[Tensor]] = []
    for tensor in sorted(tensors, key=attrgetter("start")):
        first = groups[-1][0] if groups else None
        if (
            first is not None
            and tensor.start == groups[-1][-1].stop
            and tensor.dtype == first.dtype
            and tensor.stop - first.start <= BLOCK
            and tensor.stop - tensor.start < SMALL
            and first.stop - first.start < SMALL
        ):
            groups[-1].append(tensor)
        else:
            groups.append([tensor])
    return [_run(group) for group in groups]


def _run(group: list[Tensor]) -> _Run:
    first, size = group[0], max(1, BITS.get(group[0].dtype, 8) // 8)
    places = np.array([(tensor.start - first.start) // size for tensor in group])
    names, elements = [tensor.name for tensor in group], [tensor.elements for tensor in group]
    return _Run(first.dtype, first.start, group[-1].stop - first.start, names, places, elements)


def _fill(file: FileIO, buffer: Bytes) -> bool:
    """Read until the buffer is full; false at an early end of the file."""
    view = buffer.data
    while view:
        count = file.readinto(view)
        if not count:
            return False
        view = view[count:]
    return True


def _measure_one(file: FileIO, nbytes: int, elements: int, measure: Kernel, buffer: Bytes) -> Facts | None:
    left, largest, squares, non_finite = nbytes, 0.0, 0.0, 0
    while left:
        block = buffer[: min(left, BLOCK)]
        if not _fill(file, block):
            return None
        left -= block.size
        part = measure(block)
        largest, squares, non_finite = max(largest, part[0]), squares + part[1], non_finite + part[2]
    return _facts(elements, Measure(largest, squares, non_finite))


def _facts(elements: int, measure: Measure) -> Facts:
    largest, squares, non_finite = measure
    return Facts(largest > 0 or non_finite > 0, non_finite, largest, squares, elements)


def _measure_run(file: FileIO, run: _Run, buffer: Bytes, facts: dict[str, Facts | None]) -> None:
    block = buffer[: run.nbytes]
    if not _fill(file, block):
        for at, name in enumerate(run.names):  # the file ends early: what lies before can still be read one by one
            begin, end = _bytes(run, at)
            file.seek(run.start + begin)
            facts[name] = _measure_one(file, end - begin, run.elements[at], _known_kernel(run.dtype), buffer)
    elif run.dtype in LAYOUTS:
        _measure_floats(block, run, facts)
    else:
        for at, name in enumerate(run.names):
            facts[name] = _measured(block, run, at)


def _bytes(run: _Run, at: int) -> tuple[int, int]:
    """Where a tensor of the run begins and ends, in bytes from the start of the run."""
    size = max(1, BITS[run.dtype] // 8)
    end = int(run.places[at + 1]) * size if at + 1 < len(run.names) else run.nbytes
    return int(run.places[at]) * size, end


def _measured(block: Bytes, run: _Run, at: int) -> Facts:
    begin, end = _bytes(run, at)
    return _facts(run.elements[at], _known_kernel(run.dtype)(block[begin:end]))


def _measure_floats(block: Bytes, run: _Run, facts: dict[str, Facts | None]) -> None:
    """All tensors of a run of floats at once; `kernels` explains the integer maxima."""
    layout, widen = LAYOUTS[run.dtype], widener(run.dtype)
    size = layout.bits // 8
    places = run.places if run.dtype != "C64" else run.places * 2
    bits = block.view(f"<u{size}")
    tops = np.maximum.reduceat(bits & bits.dtype.type(layout.sign - 1), places)
    wide = widen(block)
    squares = np.add.reduceat(np.multiply(wide, wide, dtype=np.float64), places).tolist()
    largest = widen(tops.view(np.uint8)).tolist()
    for name, top, total, elements in zip(run.names, largest, squares, run.elements, strict=True):
        facts[name] = Facts(top > 0, 0, top, total, elements)
    if tops.max() >= layout.limit:
        for at in np.flatnonzero(tops >= layout.limit).tolist():
            facts[run.names[at]] = _measured(block, run, at)


def _known_kernel(dtype: str) -> Kernel:
    measure = kernel(dtype)
    if measure is None:
        raise KeyError(dtype)
    return measure
