"""Facts about the values of tensors, read from their files in one pass. Needs numpy.

Large files are mapped, since copying their bytes costs more than looking at them, and unmapped before anything else
happens: Windows cannot replace a mapped file. Small files are read: a file that shrinks under a map (a training run
that saves again) would kill the process. Small neighbours of one dtype are measured together, since thousands of
small tensors are otherwise all overhead.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from adapterlint.artifacts.weights.dtypes import LAYOUTS
from adapterlint.artifacts.weights.header import open_regular
from adapterlint.artifacts.weights.kernels import Bytes, Measure, careful, kernel, widener
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
    1e-4; infinite where float64 overflows). Complex numbers count as their two parts. Of large tensors of 16-bit floats
    that are finite and not all equal, the sum is not known before it is asked for (`Weights.squares`): `checksum`
    stands in, which is equal for equal values.
    """

    any_nonzero: bool
    non_finite: int
    max_abs: float
    sum_squares: float | None
    elements: int
    checksum: int = 0


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


def squares_of(tensor: Tensor) -> float | None:
    """The sum of squares of the finite values, read for this alone; None as for facts."""
    look = careful(tensor.dtype)
    opened = open_regular(tensor.file) if look is not None and tensor.readable else None
    if look is None or opened is None or isinstance(opened, Broken):
        return None
    with opened as file, np.errstate(all="ignore"), suppress(EOFError, OSError):
        pieces = _copied(file, np.empty(min(CHUNK, tensor.nbytes), np.uint8))
        return _measure_one(tensor.start, tensor.stop, tensor.elements, look, pieces).sum_squares
    return None


class _Run(NamedTuple):
    """Neighbours in a file that are measured together: their names, first elements, last bytes and numbers."""

    dtype: str
    start: int
    stop: int
    names: list[str]
    firsts: npt.NDArray[np.intp]
    bounds: list[tuple[int, int]]
    elements: list[int]

    @property
    def is_short(self) -> bool:
        """Whether these are few 16-bit floats, whose squares are always summed, with neighbours or without."""
        return LAYOUTS[self.dtype].bits == 16 and self.stop - self.start < SMALL


Pieces = Callable[[int, int], Iterator[Bytes]]
"""The bytes of a file from one offset up to another, in whole elements; EOFError where the file is shorter."""


def _read_file(path: str, runs: list[_Run], facts: dict[str, Facts | None]) -> None:
    opened = open_regular(path)
    if isinstance(opened, Broken):
        return
    span = runs[-1].stop - runs[0].start
    with opened as file, np.errstate(all="ignore"):
        if span >= MAP_FROM:
            with suppress(OSError, ValueError):  # some file systems cannot map; then it is read
                mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
                pieces = _mapped(mapped)
                _measure(runs, pieces, facts)
                del pieces  # it exports the map, which could not be closed
                mapped.close()
                return
        _measure(runs, _copied(file, np.empty(min(CHUNK, span), np.uint8)), facts)


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


def _measure(runs: list[_Run], pieces: Pieces, facts: dict[str, Facts | None]) -> None:
    for run in runs:
        look = kernel(run.dtype)
        if look is None:
            continue
        try:
            if run.dtype in LAYOUTS and (len(run.names) > 1 or run.is_short):
                _measure_floats(next(pieces(run.start, run.stop)), run, facts)
                continue
        except (EOFError, OSError):
            pass  # what lies before the end can still be measured
        for name, (start, stop), elements in zip(run.names, run.bounds, run.elements, strict=True):
            # a failing disk or a file that ends early: these values stay unread, and None says so
            with suppress(EOFError, OSError):
                facts[name] = _measure_one(start, stop, elements, look, pieces)


def _runs(tensors: list[Tensor]) -> list[_Run]:
    """Neighbours that can be measured together, at most a chunk of them; larger tensors alone."""
    groups: list[list[Tensor]] = []
    for tensor in sorted(tensors, key=attrgetter("start")):
        first = groups[-1][0] if groups else None
        if (
            first is not None
            and tensor.start == groups[-1][-1].stop
            and tensor.dtype == first.dtype
            and tensor.stop - first.start <= CHUNK
            and tensor.stop - tensor.start < SMALL
            and first.stop - first.start < SMALL
        ):
            groups[-1].append(tensor)
        else:
            groups.append([tensor])
    return [_run(group) for group in groups]


def _run(group: list[Tensor]) -> _Run:
    """One run. A float is counted in the parts its layout describes: a complex number is two."""
    first = group[0]
    size = LAYOUTS[first.dtype].bits // 8 if first.dtype in LAYOUTS else 1
    return _Run(
        first.dtype,
        first.start,
        group[-1].stop,
        [tensor.name for tensor in group],
        np.array([(tensor.start - first.start) // size for tensor in group]),
        [(tensor.start, tensor.stop) for tensor in group],
        [tensor.elements for tensor in group],
    )


def _measure_one(start: int, stop: int, elements: int, look: Kernel, pieces: Pieces) -> Facts:
    parts = [look(piece) for piece in pieces(start, stop)]
    squares = [part.sum_squares for part in parts if part.sum_squares is not None]
    total = sum(squares) if len(squares) == len(parts) else None
    largest, non_finite = max(part.max_abs for part in parts), sum(part.non_finite for part in parts)
    return _facts(elements, Measure(largest, total, non_finite, sum(part.checksum for part in parts)))


def _facts(elements: int, measure: Measure) -> Facts:
    largest, squares, non_finite, checksum = measure
    return Facts(largest > 0 or non_finite > 0, non_finite, largest, squares, elements, checksum)


def _measure_floats(block: Bytes, run: _Run, facts: dict[str, Facts | None]) -> None:
    """All tensors of a run of floats at once; `kernels` explains the integer maxima."""
    layout, widen = LAYOUTS[run.dtype], widener(run.dtype)
    bits = block.view(f"<u{layout.bits // 8}")
    tops = np.maximum.reduceat(bits & bits.dtype.type(layout.sign - 1), run.firsts)
    wide = widen(block)
    squares = np.add.reduceat(np.multiply(wide, wide, dtype=np.float64), run.firsts).tolist()
    largest: list[float] = widen(tops.view(np.uint8)).tolist()
    for name, top, total, elements in zip(run.names, largest, squares, run.elements, strict=True):
        facts[name] = Facts(top > 0, 0, top, total, elements)
    look = kernel(run.dtype)
    if look is None or tops.max() < layout.limit:
        return
    for at in np.flatnonzero(tops >= layout.limit).tolist():
        start, stop = run.bounds[at]
        facts[run.names[at]] = _facts(run.elements[at], look(block[start - run.start : stop - run.start]))
