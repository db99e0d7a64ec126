"""Work on many targets at once: threads for large weights, processes for thousands of small ones, else one by one.

numpy reads values outside of Python's lock, so threads gain where weights are large; small ones are all Python, and two
threads are slower than one. Processes are forks, which only Linux does cheaply and safely.
"""

from __future__ import annotations

import os
import pickle
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import IO, TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from adapterlint.inputs import Inputs
    from adapterlint.model import Finding, Load, Skipped, Target, Verdict

LARGE = 1_000_000  # bytes of weights on average from which threads gain
MANY = 2_500  # targets from which processes gain: a second of work, against starting and filling them
BATCH = 32  # targets whose results are sent together
SAMPLE = 32
LONG = 1_000_000  # characters of sources that handle adapters from which processes gain


class Done(NamedTuple):
    """What came of one target: small, since it may have to travel between processes."""

    target: Target
    findings: list[Finding]
    skipped: list[Skipped]
    verdict: Verdict | None = None
    tensors: int = 0
    nbytes: int = 0
    digest: int | None = None


class Read(NamedTuple):
    """What came of one source, on the same terms. `read` is False where it is broken."""

    findings: list[Finding]
    skipped: list[Skipped]
    loads: tuple[Load, ...] = ()
    read: bool = True


Work = Callable[["Target"], Done]


def spread(work: Work, targets: Sequence[Target], jobs: int) -> Iterator[Done]:
    """The work on each target, in order, `jobs` at a time at most."""
    if jobs > 1 and len(targets) > 1:
        if _are_large(targets):
            return _in_threads(work, targets, jobs)
        if len(targets) >= MANY and sys.platform == "linux" and threading.active_count() == 1:
            jobs = min(jobs, len(targets) // (MANY // 4), _idle_cores())
            if jobs > 1:
                return _in_processes(work, targets, jobs)
    return map(work, targets)


def spread_sources(work: Callable[[Inputs], Read], found: Sequence[Inputs], jobs: int) -> Iterator[Read]:
    """The work on each source, in order: in processes where there is a second of it."""
    if sum(it.size for it in found) < LONG or sys.platform != "linux" or threading.active_count() > 1:
        return map(work, found)
    jobs = min(jobs, _idle_cores())
    if jobs < 2:
        return map(work, found)
    order = sorted(range(len(found)), key=lambda number: -found[number].size)
    done = _shared(work, [[found[number]] for number in order], jobs)
    by_number = dict(zip(order, done, strict=True))
    return (by_number[number] for number in range(len(found)))


def _are_large(targets: Sequence[Target]) -> bool:
    """Whether the weights are large on average; a few are looked at."""
    sizes = []
    for target in targets[:: max(1, len(targets) // SAMPLE)]:
        for path in (*target.weights, *target.pickled):
            try:
                sizes.append(os.stat(path).st_size)  # noqa: PTH116
            except OSError:
                continue
    return bool(sizes) and sum(sizes) / len(sizes) > LARGE


def _idle_cores() -> int:
    """How many cores nobody else is using at this moment; on a busy machine several processes lose against one."""
    cores = os.cpu_count() or 1
    try:
        with open("/proc/loadavg", encoding="ascii") as file:  # noqa: PTH123
            running = int(file.read().split()[3].partition("/")[0])
    except (OSError, ValueError, IndexError):
        return cores
    return cores - max(0, running - 1)


def _in_threads(work: Work, targets: Sequence[Target], jobs: int) -> Iterator[Done]:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(jobs) as pool:
        for start in range(0, len(targets), 256):
            yield from pool.map(work, targets[start : start + 256])


def _in_processes(work: Work, targets: Sequence[Target], jobs: int) -> Iterator[Done]:
    batches = [targets[start : start + BATCH] for start in range(0, len(targets), BATCH)]
    return _shared(work, batches, jobs)


def _shared(work: Callable[[Any], Any], batches: Sequence[Sequence[Any]], jobs: int) -> Iterator[Any]:
    """Each process takes every `jobs`-th batch; one that dies leaves its batches to this process."""
    import signal

    children = [_fork(work, batches[number::jobs]) for number in range(jobs)]
    try:
        for number, batch in enumerate(batches):
            results = _received(children[number % jobs][1])
            yield from map(work, batch) if results is None else results
    finally:
        for child, stream in children:
            stream.close()
            try:
                os.kill(child, signal.SIGTERM)
                os.waitpid(child, 0)
            except OSError:
                continue


def _fork(work: Callable[[Any], Any], batches: Sequence[Sequence[Any]]) -> tuple[int, IO[bytes]]:
    """A process that does the batches and sends their results: its number, and the stream they come from."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, os.fdopen(reading, "rb")
    try:
        os.close(reading)
        with os.fdopen(writing, "wb") as stream:
            for batch in batches:
                results = [work(it) for it in batch]
                pickle.dump(results, stream, pickle.HIGHEST_PROTOCOL)
                stream.flush()
    finally:
        os._exit(0)  # whatever happened: the parent sees that results are missing and makes them itself


def _received(stream: IO[bytes]) -> list[Any] | None:
    try:
        results: list[Any] = pickle.load(stream)  # from a fork of this very process
    except (EOFError, OSError, ValueError, pickle.UnpicklingError):
        return None
    return results
