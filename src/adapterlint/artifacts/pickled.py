"""The tensors of a .bin file as torch.save writes it (a zip archive), found without unpickling anything.

The archive holds data.pkl, which describes tensors as views of storages, and the storages as plain members; so a
tensor of a .bin becomes a range of bytes of the file, as in a .safetensors file. Format: torch/serialization.py.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BufferedReader
from math import prod
from typing import IO, TYPE_CHECKING, Any

from adapterlint.artifacts.files import human_size, sniff
from adapterlint.artifacts.opcodes import Call, Global, Persistent, PickleError, PickleLimitError, Table
from adapterlint.artifacts.opcodes import read_pickle as read_opcodes
from adapterlint.artifacts.weights import Tensor, Weights
from adapterlint.artifacts.weights.dtypes import BITS, STORAGES, TORCH
from adapterlint.artifacts.weights.header import open_regular
from adapterlint.model import Broken, Fault

if TYPE_CHECKING:
    from adapterlint.artifacts.opcodes import Pickle

PICKLE_LIMIT = 100_000_000  # bytes of data.pkl, as for a safetensors header
DIRECTORY_LIMIT = 50_000_000  # bytes of the zip directory: about half a million storages
DEPTH_LIMIT = 8  # of dicts within dicts
_LEGACY = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."  # torch.serialization.MAGIC_NUMBER, pickled
_AGAIN = "download or save the file again"
_RESAVE = "load it with torch where it was made and save it as safetensors"
_REBUILD = ("_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_tensor_v3")


class PickledError(ValueError):
    """The file cannot be read: `fault`, `hint`, and as the message the reason."""

    def __init__(self, fault: Fault, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.fault, self.hint = fault, hint


@dataclass(frozen=True, slots=True)
class Contents:
    """What one .bin file holds. `opaque` names entries that are no plain tensors, `globals` what it would import."""

    tensors: dict[str, Tensor]
    globals: tuple[str, ...]
    opaque: tuple[str, ...]


def read(paths: Sequence[str]) -> Weights | Broken:
    """The weights in the .bin files `paths` (shards of one adapter), or the first that is broken."""
    tensors: dict[str, Tensor] = {}
    twice: list[str] = []
    globals: dict[str, None] = {}
    opaque: list[str] = []
    for path in paths:
        contents = read_pickled(path)
        if isinstance(contents, Broken):
            return contents
        twice += tensors.keys() & contents.tensors.keys()
        tensors.update(contents.tensors)
        globals.update(dict.fromkeys(contents.globals))
        opaque += contents.opaque
    return Weights(paths, tensors, pickled=True, twice=twice, globals=tuple(globals), opaque=opaque)


def read_pickled(path: str) -> Contents | Broken:
    """The table of tensors in the .bin file at `path`. Nothing is unpickled; values are not read."""
    opened = open_regular(path)
    if isinstance(opened, Broken):
        return opened
    with opened as raw, BufferedReader(raw) as file:
        try:
            head = file.read(512)
            if (known := sniff(head)) is not None:
                return Broken(path, "weights", *known)
            _expect_archive(head)
            return _Archive(path, file).contents()
        except PickledError as error:
            return Broken(path, "weights", error.fault, str(error), error.hint)
        except PickleLimitError as error:
            return Broken(path, "weights", Fault.unsupported, str(error))
        except PickleError as error:
            return Broken(path, "weights", Fault.damaged, str(error), _AGAIN)
        except OSError as error:
            return Broken(path, "weights", Fault.denied, f"not readable ({error.strerror or error})")


def _expect_archive(head: bytes) -> None:
    """Raise PickledError, saying what the file is instead, unless it begins as a zip archive does."""
    if head.startswith(b"PK\x03\x04"):
        return
    if head.startswith(_LEGACY):
        raise PickledError(
            Fault.unsupported, "in the format of PyTorch before 1.6, which adapterlint does not read", _RESAVE
        )
    if len(head) > 8 and head[8:9] == b"{" and int.from_bytes(head[:8], "little") <= PICKLE_LIMIT:
        raise PickledError(
            Fault.damaged, "a safetensors file under the name of a .bin", "give it the suffix .safetensors"
        )
    kinds = (
        (b"\x80", "a Python pickle that torch.save did not write"),
        (b"GGUF", "a GGUF file"),
        (b"\x1f\x8b", "a gzip file"),
        (b"#!", "a script"),
    )
    kind = next((kind for start, kind in kinds if head.startswith(start)), "not a file that torch.save wrote")
    if head[257:262] == b"ustar":
        kind = "a tar archive, which torch has not written since 2017"
    raise PickledError(Fault.damaged, kind, _AGAIN)


class _Archive:
    """One zip archive of torch, open for reading."""

    def __init__(self, path: str, file: IO[bytes]) -> None:
        self.path, self.file = path, file
        self.zip = _open_zip(file)
        names = self.zip.namelist()
        self.prefix = names[0].partition("/")[0] if names else ""
        self.members = self.zip.NameToInfo
        self.swapped = self._small("byteorder") == b"big"
        self.starts: dict[str, int] = {}

    def contents(self) -> Contents:
        if f"{self.prefix}/data.pkl" not in self.members:
            raise PickledError(Fault.damaged, "a zip archive without data.pkl, so not written by torch.save", _AGAIN)
        if f"{self.prefix}/constants.pkl" in self.members:
            raise PickledError(Fault.shape, "a TorchScript program, not a table of tensors", _RESAVE)
        pickle = read_opcodes(self._member("data.pkl", PICKLE_LIMIT))
        if not isinstance(pickle.value, Table):
            raise PickledError(Fault.shape, f"{_kind(pickle.value)}, not a table of tensors", _RESAVE)
        return self._tensors(pickle, pickle.value)

    def _tensors(self, pickle: Pickle, table: Table) -> Contents:
        tensors: dict[str, Tensor] = {}
        opaque: list[str] = []
        for name, value in _entries(table):
            view = _view(value)
            if view is not None:
                tensors[name] = self._tensor(name, view)
            else:
                opaque.append(name)
        return Contents(tensors, pickle.globals, tuple(opaque))

    def _tensor(self, name: str, view: _View) -> Tensor:
        size = BITS[view.dtype] // 8
        member = self.members.get(f"{self.prefix}/data/{view.key}")
        if member is None:
            raise PickledError(Fault.damaged, f"damaged: the values of tensor {name} are missing", _AGAIN)
        span = 1 + sum((length - 1) * stride for length, stride in zip(view.shape, view.strides, strict=True))
        span = 0 if 0 in view.shape else span
        if (view.offset + span) * size > member.file_size:
            needs = f"{human_size((view.offset + span) * size)} of a storage of {human_size(member.file_size)}"
            raise PickledError(Fault.damaged, f"damaged: tensor {name} needs {needs}", _AGAIN)
        start = self._start(view.key, member) + view.offset * size
        plain = member.compress_type == zipfile.ZIP_STORED and not (self.swapped and size > 1)
        readable = plain and (span == 0 or span == prod(view.shape)) and _is_permuted(view)
        return Tensor(name, view.dtype, view.shape, self.path, start, start + span * size, readable)

    def _start(self, key: str, member: zipfile.ZipInfo) -> int:
        """Where the bytes of a member begin: behind its local header, whose lengths differ from the directory's."""
        if key not in self.starts:
            self.file.seek(member.header_offset)
            local = self.file.read(30)
            if len(local) < 30 or not local.startswith(b"PK\x03\x04"):
                raise PickledError(Fault.damaged, "damaged: the zip directory points beside its members", _AGAIN)
            lengths = int.from_bytes(local[26:28], "little") + int.from_bytes(local[28:30], "little")
            self.starts[key] = member.header_offset + 30 + lengths
        return self.starts[key]

    def _small(self, name: str) -> bytes:
        return self._member(name, 64) if f"{self.prefix}/{name}" in self.members else b""

    def _member(self, name: str, limit: int) -> bytes:
        """The bytes of a member, however much its compression claims to hold at most `limit`."""
        try:
            with self.zip.open(f"{self.prefix}/{name}") as member:
                data = member.read(limit + 1)
        except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, ValueError) as error:
            raise PickledError(Fault.damaged, f"damaged: {name} cannot be read ({error})", _AGAIN) from None
        if len(data) > limit:
            raise PickledError(Fault.unsupported, f"a file with a {name} of more than {human_size(limit)}")
        return data


def _open_zip(file: IO[bytes]) -> zipfile.ZipFile:
    size = file.seek(0, 2)
    file.seek(max(0, size - 65_557))  # the end record and the longest comment behind it
    tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0:
        raise PickledError(Fault.truncated, "cut off: the directory at the end of its zip archive is missing", _AGAIN)
    directory = int.from_bytes(tail[end + 12 : end + 16], "little")
    if directory == 0xFFFFFFFF and (wide := tail.rfind(b"PK\x06\x06", 0, end)) >= 0:
        directory = int.from_bytes(tail[wide + 40 : wide + 48], "little")
    if DIRECTORY_LIMIT < directory <= size:
        raise PickledError(Fault.unsupported, f"a zip archive with a directory of {human_size(directory)}")
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, ValueError) as error:
        raise PickledError(Fault.damaged, f"damaged: not a sound zip archive ({error})", _AGAIN) from None


@dataclass(frozen=True, slots=True)
class _View:
    """A tensor as torch describes it: elements `offset` onwards of storage `key`, strides in elements."""

    key: str
    dtype: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def _entries(table: Table) -> Iterator[tuple[str, Any]]:
    """Names and values of a table and the tables in it; names are joined by dots. Each table is entered once."""
    seen = {id(table)}
    level: list[tuple[str, Table]] = [("", table)]
    for _ in range(DEPTH_LIMIT):
        inner: list[tuple[str, Table]] = []
        for prefix, entries in level:
            for key, value in entries.items():
                if isinstance(value, Table):
                    if id(value) not in seen:
                        seen.add(id(value))
                        inner.append((f"{prefix}{key}.", value))
                else:
                    yield prefix + key, value
        level = inner


def _view(value: Any) -> _View | None:
    """The tensor that this call of torch would rebuild; None if it is no such call."""
    for _ in range(DEPTH_LIMIT):
        if not (isinstance(value, Call) and isinstance(value.callee, Global) and isinstance(value.args, tuple)):
            return None
        module, _, name = value.callee.name.rpartition(".")
        args = value.args
        if module not in ("torch._utils", "torch._tensor"):
            return None
        if name.startswith("_rebuild_parameter") and args:
            value = args[0]
        elif name.startswith("_rebuild_from_type") and len(args) > 2:
            value = Call(args[0], args[2])
        elif name in _REBUILD and len(args) >= 4:
            return _strided(args)
        else:
            return None
    return None


def _strided(args: tuple[Any, ...]) -> _View | None:
    storage, offset, shape, strides = args[0], args[1], _sizes(args[2]), _sizes(args[3])
    identity = storage.id if isinstance(storage, Persistent) else None
    if not (isinstance(identity, tuple) and len(identity) >= 5 and identity[0] == "storage"):
        return None
    dtype = STORAGES.get(_last_name(identity[1]))
    if len(args) > 6 and isinstance(args[6], Global):  # _rebuild_tensor_v3: the storage does not know its dtype
        dtype = TORCH.get(_last_name(args[6]))
    if dtype is None or type(offset) is not int or offset < 0 or shape is None or strides is None:
        return None
    if len(shape) != len(strides) or not isinstance(identity[2], str):
        return None
    return _View(identity[2], dtype, offset, shape, strides)


def _last_name(value: Any) -> str:
    return value.name.rpartition(".")[2] if isinstance(value, Global) else ""


def _sizes(value: Any) -> tuple[int, ...] | None:
    if isinstance(value, Call) and _last_name(value.callee) == "Size" and isinstance(value.args, tuple) and value.args:
        value = value.args[0]
    if isinstance(value, (tuple, list)) and all(type(item) is int and item >= 0 for item in value):
        return tuple(value)
    return None


def _is_permuted(view: _View) -> bool:
    """Whether the elements lie side by side in some order (transposed, say), so that facts of the range are theirs."""
    expected = 1
    for stride, length in sorted(zip(view.strides, view.shape, strict=True)):
        if length > 1:
            if stride != expected:
                return False
            expected *= length
    return True


def _kind(value: Any) -> str:
    if isinstance(value, Call) and isinstance(value.callee, Global):
        return "a single tensor" if _view(value) else f"a pickled object ({value.callee.name})"
    return f"a pickled {type(value).__name__}"
