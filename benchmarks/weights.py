"""How fast facts about values are, against the fastest single thing numpy can say of the same bytes: their maximum.

Both run side by side in one process with one thread, over a file that is already in the page cache. By default the
file has the tensors of all-mpnet-base-v2 (438 MB, float32); a path gives another one.

Facts are what `check` reads of every tensor: any element not zero, how many are not finite, the largest magnitude, and
the sum of squares, for which a checksum stands in with large tensors of 16-bit floats. A note says how it is with the
sum of squares of those as well, which a few rules ask for a few tensors.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.ratio import Ratio

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from adapterlint.artifacts.weights import Weights

ROUNDS = 11
ONE_THREAD = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)


def measure(path: str | None = None) -> list[Ratio]:
    """numpy.max over a newly opened np.memmap of the file, and all its facts read from its path, header included.

    For float32, and for files of the same tensors in bfloat16 and float16, half the bytes. A note says the same of one
    map whose pages have been touched, so that no reading is in it.
    """
    command = [sys.executable, "-m", "benchmarks.weights", *([path] if path is not None else [])]
    environment = {**os.environ, **ONE_THREAD}  # must be set before numpy is imported: hence a process of its own
    folder = Path(__file__).resolve().parents[1]
    done = subprocess.run(command, env=environment, cwd=folder, check=True, capture_output=True, text=True)
    rows: dict[str, list[float]] = json.loads(done.stdout)

    touched = median(rows["max touched"]) / median(rows["facts touched"])
    notes = {"": f"{rows['megabytes'][0]:.0f} MB of float32; with its pages already touched: {touched:.2f}"}
    for key in (" bf16", " f16"):
        asked = median(rows[f"max{key}"]) / median(rows[f"squares{key}"])
        notes[key] = f"what check reads; with the sum of squares of every tensor: {asked:.2f}"
    ratios = []
    for dtype, key, bar in (("float32", "", 0.6), ("bfloat16", " bf16", 0.3), ("float16", " f16", 0.3)):
        ours, theirs = rows[f"facts{key}"], rows[f"max{key}"]
        sides = ("all facts, one thread", ours), ("numpy.max over the same mmap", theirs)
        ratios.append(Ratio(f"weights, {dtype}", *sides, at_least=bar, notes=(notes[key],)))
    return ratios


def _measure(path: Path | None) -> dict[str, list[float]]:
    with tempfile.TemporaryDirectory() as folder:
        if path is None:
            path = Path(folder) / "model.safetensors"
            _write(path, "F32", _mpnet_shapes())
        rows = {"megabytes": [path.stat().st_size / 1e6], **_compare(path)}
        shapes = _shapes(path)
        for dtype in ("BF16", "F16"):
            half = Path(folder) / f"{dtype}.safetensors"
            _write(half, dtype, shapes)
            times = _compare(half)
            rows |= {f"{what} {dtype.lower()}": times[what] for what in ("max", "facts", "squares")}
            half.unlink()
    return rows


def _compare(path: Path) -> dict[str, list[float]]:
    import numpy as np

    from adapterlint.artifacts.weights import read
    from adapterlint.model import Broken

    def fresh() -> None:
        np.max(_mapped(path))

    def facts() -> Weights:
        weights = read([path.as_posix()])
        if isinstance(weights, Broken):
            raise SystemExit(f"{path} is {weights.reason}")
        weights.all_facts()
        return weights

    def squares() -> None:
        weights = facts()
        for name in weights.tensors:
            weights.squares(name)

    touched = _mapped(path)
    times = _interleaved((fresh, facts, squares, lambda: np.max(touched), lambda: _kernels(touched)))
    return dict(zip(("max", "facts", "squares", "max touched", "facts touched"), times, strict=True))


def _interleaved(runs: tuple[Callable[[], object], ...]) -> list[list[float]]:
    """Times of each run, taken in turns so that a busy moment of the machine falls on all; the first is thrown away."""
    times: list[list[float]] = [[] for _ in runs]
    for turn in range(ROUNDS + 1):
        for run, row in zip(runs, times, strict=True):
            begin = time.perf_counter()
            run()
            if turn:
                row.append(time.perf_counter() - begin)
    return times


def _mapped(path: Path) -> npt.NDArray[np.float32]:
    """The values of the file under a memory map; 16-bit ones are read in pairs, since their bytes are what counts."""
    import numpy as np

    with path.open("rb") as file:
        start = 8 + int.from_bytes(file.read(8), "little")
    return np.memmap(path, np.float32, "r", offset=start, shape=((path.stat().st_size - start) // 4,))


def _kernels(values: npt.NDArray[np.float32]) -> None:
    import numpy as np

    from adapterlint.artifacts.weights.kernels import kernel

    look = kernel("F32")
    assert look is not None
    with np.errstate(all="ignore"):
        look(np.asarray(values).view(np.uint8))


def _shapes(path: Path) -> list[tuple[int, ...]]:
    from adapterlint.artifacts.weights import Header, read_header

    header = read_header(path.as_posix())
    assert isinstance(header, Header)
    return [tensor.shape for tensor in header.tensors.values() if tensor.dtype == "F32"]


def _mpnet_shapes() -> Iterator[tuple[int, ...]]:
    """The shapes of sentence-transformers/all-mpnet-base-v2."""
    yield from ((30_527, 768), (514, 768), (768,), (768,), (32, 12), (768, 768), (768,))
    for _ in range(12):
        for _ in range(4):
            yield from ((768, 768), (768,))
        yield from ((3072, 768), (3072,), (768, 3072), (768,), (768,), (768,), (768,), (768,))


def _write(path: Path, dtype: str, shapes: Any) -> None:
    """A safetensors file of normally distributed values, as trained weights are."""
    import numpy as np

    size = {"F32": 4, "BF16": 2, "F16": 2}[dtype]
    table: dict[str, Any] = {}
    end = 0
    for index, shape in enumerate(shapes):
        begin, end = end, end + size * int(np.prod(shape))
        table[f"tensor.{index:04}"] = {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}
    header = json.dumps(table).encode()
    header += b" " * (-len(header) % 8)
    rng = np.random.default_rng(0)
    with path.open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        for left in range(end // size, 0, -(1 << 20)):
            values = rng.standard_normal(min(left, 1 << 20), np.float32) * np.float32(0.02)
            if dtype == "BF16":
                file.write((values.view(np.uint32) >> 16).astype("<u2").tobytes())
            else:
                file.write(values.astype("<f2" if dtype == "F16" else "<f4").tobytes())


if __name__ == "__main__":
    print(json.dumps(_measure(Path(sys.argv[1]) if len(sys.argv) > 1 else None)))
