"""The header of a .safetensors file: names, dtypes, shapes and offsets, checked as the safetensors library does.

Format: https://huggingface.co/docs/safetensors (8 bytes little-endian length, JSON, data without gaps).
"""

from __future__ import annotations

import json
import os
import re
import stat
from dataclasses import dataclass, field
from io import FileIO
from math import prod
from typing import TYPE_CHECKING, NamedTuple

from adapterlint.artifacts.files import human_size, sniff
from adapterlint.artifacts.weights.dtypes import BITS
from adapterlint.artifacts.weights.strict import HeaderError, read_rows
from adapterlint.model import Broken, Fault

if TYPE_CHECKING:
    from adapterlint.artifacts.weights.strict import Row

HEADER_LIMIT = 100_000_000  # MAX_HEADER_SIZE of the safetensors library
VALUES_LIMIT = 2_000_000  # a quarter of a million tensors; a JSON bomb beyond it would cost minutes and gigabytes
_U64 = 1 << 64
_FIRST_READ = 1 << 16
_INTEGER = frozenset({int})  # bool is no integer here, as it is none in JSON
_MINUS = re.compile(r"[\[:,\s]-")
_AGAIN = "download or save the file again"
_KINDS = (
    (b"PK\x03\x04", "a zip archive, as torch.save writes it,"),
    (b"\x80", "a Python pickle"),
    (b"GGUF", "a GGUF file"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x1f\x8b", "a gzip file"),
)


class Tensor(NamedTuple):
    """One tensor of a file. `dtype` is a safetensors name ("F32"); bytes `start` up to `stop` of `file` hold it.

    `readable` is false where the values are not plain bytes of the file (compressed, or a view that repeats elements).
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    file: str
    start: int
    stop: int
    readable: bool = True

    @property
    def elements(self) -> int:
        """How many numbers the shape says."""
        return prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes of the file that hold the values."""
        return self.stop - self.start


@dataclass(slots=True)
class Header:
    """What a file says it holds. `data_start` and `size` are in bytes; `twice` names what is described twice."""

    path: str
    tensors: dict[str, Tensor]
    metadata: dict[str, str]
    data_start: int
    size: int
    twice: tuple[str, ...] = field(default=())


def read_header(path: str) -> Header | Broken:
    """The header of the .safetensors file at `path`, without reading values.

    Accepts what `safetensors.safe_open` accepts, and dtype names which that library does not know.
    """
    opened = open_regular(path)
    if isinstance(opened, Broken):
        return opened
    with opened as file:
        try:
            return _read(path, file)
        except OSError as error:
            return Broken(path, "weights", Fault.denied, f"not readable ({error.strerror})")


def open_regular(path: str) -> FileIO | Broken:
    """The file opened for reading without a buffer, or why not. Pipes and devices are refused: they may never end."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 (called for every shard; Path costs more than stat)
            return Broken(path, "weights", Fault.unsupported, "not a regular file")
        return open(path, "rb", buffering=0)  # noqa: PTH123 (likewise), SIM115 (the caller closes it)
    except FileNotFoundError:
        return Broken(path, "weights", Fault.missing, "missing", "a link may point to a file that is gone")
    except PermissionError:
        return Broken(
            path, "weights", Fault.denied, "not readable (permission denied)", "check the permissions of the file"
        )
    except (OSError, ValueError) as error:
        return Broken(path, "weights", Fault.denied, f"not readable ({error})")


def read_exactly(file: FileIO, count: int) -> bytes:
    """The next `count` bytes, fewer only at the end of the file."""
    data = file.read(count)
    if len(data) == count:
        return data
    parts = [data]
    missing = count - len(data)
    while missing and (data := file.read(missing)):
        parts.append(data)
        missing -= len(data)
    return b"".join(parts)


def _read(path: str, file: FileIO) -> Header | Broken:
    size = os.fstat(file.fileno()).st_size
    head = read_exactly(file, _FIRST_READ)
    if (known := sniff(head)) is not None:
        return Broken(path, "weights", *known)
    if size < 8:
        return Broken(path, "weights", Fault.truncated, f"cut off after {human_size(size)}", _AGAIN)
    length = int.from_bytes(head[:8], "little")
    if (fault := _length_fault(head, length, size)) is not None:
        return Broken(path, "weights", *fault)
    if length > len(head) - 8:
        head += read_exactly(file, length - (len(head) - 8))
    try:
        return _parse(path, head[8 : 8 + length], 8 + length, size)
    except UnicodeDecodeError:
        return Broken(path, "weights", Fault.damaged, "damaged: the header is not UTF-8", _AGAIN)
    except _TruncatedError as error:
        return Broken(path, "weights", Fault.truncated, str(error), _AGAIN)
    except _LimitError as error:
        return Broken(path, "weights", Fault.unsupported, str(error))
    except HeaderError as error:
        return Broken(path, "weights", Fault.damaged, f"damaged: {error}", _AGAIN)


def _length_fault(head: bytes, length: int, size: int) -> tuple[Fault, str, str] | None:
    if length <= HEADER_LIMIT and 8 + length <= size:
        return None
    for start, kind in _KINDS:
        if head.startswith(start):
            return Fault.damaged, f"{kind} under the name of a safetensors file", "give the file the name of its format"
    if length > HEADER_LIMIT:
        return Fault.damaged, f"damaged: the header claims {_long(length)}, the format allows 100 MB", _AGAIN
    return Fault.truncated, f"cut off: header says {8 + length} bytes, file has {size}", _AGAIN


def _long(length: int) -> str:
    """A length over the limit, exact where rounding would make it the limit itself."""
    return human_size(length) if length >= HEADER_LIMIT + 1_000_000 else f"{length} bytes"


class _TruncatedError(HeaderError):
    """The header is sound and the data ends early."""


class _LimitError(HeaderError):
    """More than adapterlint reads."""


def _parse(path: str, data: bytes, data_start: int, size: int) -> Header:
    text = data.decode("utf-8")
    if len(text) > VALUES_LIMIT and sum(map(text.count, "[{,")) > VALUES_LIMIT:
        raise _LimitError(
            f"a file with a header of {human_size(len(data))} with millions of values, more than adapterlint reads"
        )
    twice: tuple[str, ...] = ()
    plain = _plain_rows(text)
    if plain is not None:
        rows, metadata = plain
    else:
        rows, metadata, twice = read_rows(text)
    _check_layout(rows, size - data_start, size)
    tensors = {
        name: Tensor(name, dtype, shape, path, data_start + start, data_start + stop)
        for name, (dtype, shape, start, stop) in rows.items()
    }
    return Header(path, tensors, metadata, data_start, size, twice)


def _plain_rows(text: str) -> tuple[dict[str, Row], dict[str, str]] | None:
    """The rows of a header in the form every library writes; None for anything else, which `read_rows` then weighs.

    The count of colons proves that no member is hidden by a later one of the same name: each row has its own and three.
    """
    if "\\" in text or ("-" in text and _MINUS.search(text)):
        return None
    try:
        table = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if type(table) is not dict:
        return None
    own = "__metadata__" in table
    metadata = table.pop("__metadata__", {})
    if type(metadata) is not dict or not all(type(value) is str for value in metadata.values()):
        return None
    if text.count(":") != 4 * len(table) + len(metadata) + own:
        return None
    rows: dict[str, Row] = {}
    try:
        for name, info in table.items():
            dtype, shape, (start, stop) = info["dtype"], info["shape"], info["data_offsets"]
            if not (len(info) == 3 and type(dtype) is str and type(shape) is list):
                return None
            if not _INTEGER.issuperset((*map(type, shape), type(start), type(stop))):
                return None
            rows[name] = dtype, tuple(shape), start, stop
    except (TypeError, KeyError, ValueError, OverflowError):
        return None
    return rows, metadata


def _check_layout(rows: dict[str, Row], available: int, size: int) -> None:
    """Raise HeaderError unless the tensors, in order of offset, fill the `available` bytes without gap or overlap."""
    end = 0
    for name, (dtype, shape, start, stop) in sorted(rows.items(), key=lambda item: item[1][2:]):
        if start != end:
            fault = "overlaps the one before it" if start < end else f"leaves a gap of {start - end} bytes before it"
            raise HeaderError(f"tensor {name} {fault}")
        if stop < start:
            raise HeaderError(f"tensor {name} ends before it starts")
        end = stop
        count = _count(name, shape)
        bits = BITS.get(dtype)
        if bits is not None and count * bits != (stop - start) * 8:
            needed = f"{dtype} of shape {list(shape)} takes {_bytes(count * bits)}"
            raise HeaderError(f"tensor {name} has {stop - start} bytes, but {needed}")
    if end > available:
        raise _TruncatedError(f"cut off after {size} of {size - available + end} bytes")
    if end < available:
        raise HeaderError(f"{human_size(available - end)} after the last tensor, belonging to none")


def _bytes(bits: int) -> str:
    return f"{bits // 8}" if bits % 8 == 0 else f"{bits / 8:g}"


def _count(name: str, shape: tuple[int, ...]) -> int:
    """The number of elements. A zero later in the shape does not excuse a product that leaves 64 bits on the way."""
    count = 1
    for length in shape:
        count *= length
        if count >= _U64 or length >= _U64:
            raise HeaderError(f"the shape of tensor {name} overflows 64 bits")
    return count
