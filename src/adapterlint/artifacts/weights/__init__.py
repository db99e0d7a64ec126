"""The tensors of an adapter: names, dtypes and shapes from the header at once, values on request and only once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING
from zlib import crc32

from adapterlint.artifacts.weights.header import Header, Tensor, read_header
from adapterlint.model import Broken, Place

if TYPE_CHECKING:
    from adapterlint.artifacts.weights.facts import Facts

__all__ = ["Header", "Tensor", "Weights", "read", "read_header"]


class Weights:
    """The tensors of one adapter, merged over its shards (a name in two shards: the last one counts, as in PEFT).

    `path` is the first file, `metadata` the merged safetensors metadata, `twice` the names described more than once.
    For a pickle, `globals` holds the qualified names it would import, `opaque` the entries that are no plain tensors.
    """

    __slots__ = (
        "_facts", "_lock", "files", "globals", "metadata", "opaque", "path", "pickled", "tensors", "twice",
    )  # fmt: skip

    def __init__(
        self,
        files: Sequence[str],
        tensors: Mapping[str, Tensor],
        metadata: Mapping[str, str] | None = None,
        *,
        pickled: bool = False,
        twice: Sequence[str] = (),
        globals: Sequence[str] = (),
        opaque: Sequence[str] = (),
    ) -> None:
        self.files = tuple(files)
        self.path = self.files[0]
        self.tensors = tensors
        self.metadata = metadata or {}
        self.pickled = pickled
        self.twice = tuple(twice)
        self.globals = tuple(globals)
        self.opaque = tuple(opaque)
        self._facts: dict[str, Facts | None] | None = None
        self._lock = Lock()

    @property
    def nbytes(self) -> int:
        """Bytes of values in the files."""
        return sum(tensor.nbytes for tensor in self.tensors.values())

    def facts(self, name: str) -> Facts | None:
        """What is known of the values of tensor `name`; None if they were not looked at. KeyError for no such tensor.

        The first call reads the values of all tensors, in one pass; the facts are kept, the values are not.
        """
        return self.all_facts()[name]

    def all_facts(self) -> Mapping[str, Facts | None]:
        """Facts of every tensor by name."""
        with self._lock:
            if self._facts is None:
                from adapterlint.artifacts.weights.facts import read_facts  # numpy: only where values are read

                self._facts = read_facts(self.tensors.values())
            return self._facts

    def digest(self) -> int | None:
        """A number that is equal for equal names and values, in every process; None if some values were not read.

        Made of the facts, so it costs no reading: two adapters of which each tensor has the same largest element and
        the same sum of squares, to the last bit, are copies.
        """
        facts = self.all_facts()
        if not facts or None in facts.values():
            return None
        names = crc32("\n".join(sorted(facts)).encode("utf-8", "surrogatepass"))
        return hash((names, *(number for name in sorted(facts) for number in (facts[name] or ())[2:])))

    def place(self, name: str, note: str = "") -> Place:
        """Where tensor `name` is: its file, and its name as the pointer."""
        tensor = self.tensors.get(name)
        return Place(tensor.file if tensor is not None else self.path, pointer=name, note=note)

    def values_read(self) -> int:
        """Bytes of values that have been looked at so far."""
        if self._facts is None:
            return 0
        return sum(self.tensors[name].nbytes for name, facts in self._facts.items() if facts is not None)


def read(files: Sequence[str], pickled: Sequence[str] = ()) -> Weights | Broken:
    """The weights in the safetensors `files`, or where there are none in the `pickled` ones; the first fault found.

    At least one file is given.
    """
    if not files:
        from adapterlint.artifacts.pickled import read as read_pickles  # rarely needed, and zipfile costs a start-up

        return read_pickles(pickled)
    tensors: dict[str, Tensor] = {}
    metadata: dict[str, str] = {}
    twice: list[str] = []
    for path in files:
        header = read_header(path)
        if isinstance(header, Broken):
            return header
        twice += header.twice
        twice += tensors.keys() & header.tensors.keys() if tensors else ()
        tensors.update(header.tensors)
        metadata.update(header.metadata)
    return Weights(files, tensors, metadata, twice=twice)
