"""The tensors of an adapter: names, dtypes and shapes from the header at once, values on request and only once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from adapterlint.artifacts.remembered import remembered
from adapterlint.artifacts.weights.header import Header, Tensor, read_header
from adapterlint.model import Broken, Place

if TYPE_CHECKING:
    from adapterlint.artifacts.weights.facts import Facts

__all__ = ["Header", "Tensor", "Weights", "read", "read_header"]


class Profile(NamedTuple):
    """What most rules want to know of the values; equal for adapters that no such rule can tell apart.

    `odd` maps tensors to what is out of the ordinary with them: "unread", "zero", "not finite", or "flat" where all
    elements may be of one magnitude. `repeats` says whether two tensors may be equal. Every tensor's norm is at most
    2**`ceiling`, and that of every tensor but the odd ones at least 2**`floor` times the root of its elements.
    """

    odd: Mapping[str, str]
    repeats: bool
    ceiling: int
    floor: int

    @property
    def key(self) -> tuple[object, ...]:
        """To be looked up by."""
        return (tuple(self.odd.items()), self.repeats, self.ceiling, self.floor)


class Weights:
    """The tensors of one adapter, merged over its shards (a name in two shards: the last one counts, as in PEFT).

    `path` is the first file, `metadata` the merged safetensors metadata, `twice` the names described more than once.
    `asked` is set when facts or values are handed out, beyond the profile.
    For a pickle, `globals` holds the qualified names it would import, `opaque` the entries that are no plain tensors.
    """

    __slots__ = (
        "_facts", "_lock", "_profile", "_squares", "asked", "files", "globals", "metadata", "opaque", "path", "pickled",
        "tensors", "twice",
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
        self._profile: Profile | None = None
        self._squares: dict[str, float | None] = {}
        self.asked = False

    @property
    def nbytes(self) -> int:
        """Bytes of values in the files."""
        return _nbytes(self.tensors)

    def facts(self, name: str) -> Facts | None:
        """What is known of the values of tensor `name`; None if they were not looked at. KeyError for no such tensor.

        The first call reads the values of all tensors, in one pass; the facts are kept, the values are not.
        """
        return self.all_facts()[name]

    def all_facts(self) -> Mapping[str, Facts | None]:
        """Facts of every tensor by name."""
        self.asked = True
        return self._read()

    def squares(self, name: str) -> float | None:
        """The sum of squares of tensor `name`, read again where its facts do without; None if it cannot be read."""
        facts = self.facts(name)
        if facts is None or facts.sum_squares is not None:
            return None if facts is None else facts.sum_squares
        if name not in self._squares:
            from adapterlint.artifacts.weights.facts import squares_of

            self._squares[name] = squares_of(self.tensors[name])
        return self._squares[name]

    def _read(self) -> dict[str, Facts | None]:
        with self._lock:
            if self._facts is None:
                from adapterlint.artifacts.weights.facts import facts_of  # numpy: only where values are read

                self._facts = facts_of(self.tensors)
            return self._facts

    @property
    def profile(self) -> Profile:
        """The facts in short. Reads values like `facts`, and is worked out once."""
        if self._profile is None:
            self._profile = _profile(self._read())
        return self._profile

    def is_zero(self, name: str) -> bool | None:
        """Whether all elements are zero; None if the values were not looked at."""
        odd = self.profile.odd.get(name)
        return None if odd == "unread" else odd == "zero"

    def digest(self) -> int | None:
        """A number that is equal for equal names and values, in every process; None if some values were not read.

        Made of the facts, so it costs no reading: two adapters of which each tensor has the same largest element and
        the same sum of squares (or checksum), to the last bit, are copies.
        """
        facts = self._read()
        if not facts or "unread" in self.profile.odd.values():
            return None
        names, header = _sorted_names(self.tensors)
        return hash((header, *map(facts.__getitem__, names)))

    def place(self, name: str, note: str = "") -> Place:
        """Where tensor `name` is: its file, and its name as the pointer."""
        tensor = self.tensors.get(name)
        return Place(tensor.file if tensor is not None else self.path, pointer=name, note=note)

    def values_read(self) -> int:
        """Bytes of values that have been looked at so far."""
        if self._facts is None:
            return 0
        unread = [name for name, facts in self._facts.items() if facts is None]
        return self.nbytes - sum(self.tensors[name].nbytes for name in unread)


@remembered
def _nbytes(tensors: Mapping[str, Tensor]) -> int:
    return sum(tensor.nbytes for tensor in tensors.values())


@remembered
def _sorted_names(tensors: Mapping[str, Tensor]) -> tuple[list[str], int]:
    names = sorted(tensors)
    return names, crc32("\n".join(names).encode("utf-8", "surrogatepass"))


def _profile(facts: Mapping[str, Facts | None]) -> Profile:
    odd: dict[str, str] = {}
    sizes: set[float] = set()
    largest, smallest = 0.0, math.inf
    for name, fact in facts.items():
        if fact is None:
            odd[name] = "unread"
            continue
        nonzero, non_finite, top, squares, elements, checksum = fact
        sizes.add(checksum if squares is None else squares)
        most = elements * top * top
        if (most if squares is None else squares) > largest:
            largest = most if squares is None else squares
        least = top * top if squares is None else squares
        if not nonzero:
            odd[name] = "zero"
        elif non_finite:
            odd[name] = "not finite"
        elif least > 0.998 * most:
            odd[name] = "flat"
        elif least < smallest * elements:
            smallest = least / elements
    ceiling, floor = -(-_exponent(largest) // 2), (_exponent(smallest) - 1) // 2
    return Profile(odd, len(sizes) < len(facts), ceiling, floor)


def _exponent(square: float) -> int:
    """The exponent of two above a number; far out for zero and infinity."""
    if not 0 < square < math.inf:
        return 4096 if square else -4096
    return math.frexp(square)[1]


def read(files: Sequence[str], pickled: Sequence[str] = ()) -> Weights | Broken:
    """The weights in the safetensors `files`, or where there are none in the `pickled` ones; the first fault found.

    At least one file is given.
    """
    if not files:
        from adapterlint.artifacts.pickled import read as read_pickles  # rarely needed, and zipfile costs a start-up

        return read_pickles(pickled)
    if len(files) == 1:
        header = read_header(files[0])
        if isinstance(header, Broken):
            return header
        return Weights(files, header.tensors, header.metadata, twice=header.twice)
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
