"""Which fields each PEFT release has for each `peft_type`, with their defaults. The table is data: peft_fields.json.

`tools/peft_fields.py` generates it from the released wheels; tests/test_fields.py holds it to the PEFT installed.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet

MAX_NAME = 60
"""Longer keys are no field's name misspelt, and are shown cut off."""

TABLE = Path(__file__).with_suffix(".json")

DROPS_SINCE = "0.14.0"
"""Since this release PEFT warns of a field it does not know and goes on without it (huggingface/peft#2038)."""

REFUSES_SINCE = "0.6.0"
"""From this release until DROPS_SINCE such a field is a TypeError; older ones left it out without a word."""


class _Unsaid:
    """A default that JSON cannot say: an object PEFT makes. Equal to nothing but itself."""

    def __repr__(self) -> str:
        return "<not said in JSON>"


UNSAID = _Unsaid()


class Span(NamedTuple):
    """Releases number `first` up to, not with, `end` (None: still there) of RELEASES, and the default in them."""

    first: int
    end: int | None
    default: Any

    def holds(self, release: int) -> bool:
        """Whether the release of that number is among them."""
        return self.first <= release and (self.end is None or release < self.end)


class History(NamedTuple):
    """Of a field, or of a type: the releases that have it. `annotation` is a field's type as the newest spells it."""

    spans: tuple[Span, ...]
    annotation: str = ""

    @property
    def since(self) -> str:
        """The first release that has it."""
        return _table().releases[self.spans[0].first]

    @property
    def until(self) -> str | None:
        """The first release that no longer has it; None if the newest does."""
        end = self.spans[-1].end
        return None if end is None else _table().releases[end]

    @property
    def defaults(self) -> tuple[Any, ...]:
        """Every default it ever had, oldest first; UNSAID where JSON cannot say it."""
        return tuple(span.default for span in self.spans)

    def known_in(self, release: str) -> bool:
        """Whether that release has it."""
        return self._span(release) is not None

    def is_younger_than(self, release: str) -> bool:
        """Whether it came only after that release."""
        return _table().numbers[release] < self.spans[0].first

    def default_in(self, release: str) -> Any:
        """The default in that release. ValueError where the release does not have it."""
        span = self._span(release)
        if span is None:
            raise ValueError(f"not in PEFT {release}")
        return span.default

    def _span(self, release: str) -> Span | None:
        number = _table().numbers[release]
        return next((span for span in self.spans if span.holds(number)), None)


class _Table(NamedTuple):
    releases: tuple[str, ...]
    numbers: Mapping[str, int]
    types: Mapping[str, Mapping[str, Any]]


@lru_cache(maxsize=1)
def _table() -> _Table:
    data = json.loads(TABLE.read_text(encoding="utf-8"))
    releases = tuple(data["releases"])
    return _Table(releases, {version: number for number, version in enumerate(releases)}, data["types"])


def _history(spans: Iterable[Sequence[Any]], annotation: str = "") -> History:
    found = (Span(first, end, default[0] if default else UNSAID) for first, end, *default in spans)
    return History(tuple(found), annotation)


def releases() -> tuple[str, ...]:
    """Every release the table knows, oldest first."""
    return _table().releases


def newest() -> str:
    """The newest release the table knows."""
    return releases()[-1]


def peft_types() -> tuple[str, ...]:
    """Every `peft_type` that some release can load, sorted."""
    return tuple(_table().types)


def config_class(peft_type: str) -> str:
    """The name of the config class of a type. KeyError for no type."""
    return str(_table().types[peft_type]["class"])


@lru_cache(maxsize=1024)
def type_history(peft_type: str) -> History | None:
    """The releases that know the type; None if none does."""
    entry = _table().types.get(peft_type)
    return None if entry is None else _history(entry["releases"])


@lru_cache(maxsize=1024)
def field(peft_type: str, name: str) -> History | None:
    """The history of a field of that type's config; None if no release has it."""
    entry = _table().types.get(peft_type)
    if entry is None or name not in entry["fields"]:
        return None
    annotation, *spans = entry["fields"][name]
    return _history(spans, annotation)


@lru_cache(maxsize=1024)
def known_in(release: str, peft_type: str) -> frozenset[str]:
    """The names of the fields that `release` takes for that type. KeyError for a release that is not in the table."""
    number = _table().numbers[release]
    entry = _table().types.get(peft_type, {"fields": {}})
    fields: Mapping[str, Sequence[Any]] = entry["fields"]
    return frozenset(
        name for name, (_, *spans) in fields.items() if any(span.holds(number) for span in _history(spans).spans)
    )


def types_with(name: str) -> tuple[str, ...]:
    """The types whose config has, or had, a field of that name, sorted."""
    return tuple(kind for kind, entry in _table().types.items() if name in entry["fields"])


def meant(peft_type: str, key: str, present: Collection[str]) -> str | None:
    """The field of the newest release that `key` misspells: one that is not `present`, and a slip of the pen away.

    The name of another type's field misspells nothing, nor does "use_lora", a word of its own, stand for "use_dora".
    """
    if types_with(key) or len(key) > MAX_NAME:
        return None
    absent = sorted(known_in(newest(), peft_type) - set(present))
    return next((name for name in absent if _is_slip(_letters(key), _letters(name))), None)


def _letters(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def _is_slip(one: str, other: str) -> bool:
    """Whether two words are equal but for one letter left out, put in, or changed with its neighbour."""
    if min(len(one), len(other)) < 4 or abs(len(one) - len(other)) > 1:
        return False
    if len(one) == len(other):
        at = next((at for at, (a, b) in enumerate(zip(one, other, strict=True)) if a != b), len(one))
        return one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))


@lru_cache(maxsize=1024)
def allowed(wanted: str) -> tuple[str, ...]:
    """The releases that `wanted` ("0.17", "0.17.1", ">=0.13,<0.15") allows, oldest first; () if it is no version.

    A version that is not in the table stands for the last release before it: one newer than all, for the newest.
    """
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion, Version

    try:
        if wanted[:1] in ("<", ">", "=", "!", "~"):
            return _within(SpecifierSet(wanted))
        version = Version(wanted)
    except (InvalidSpecifier, InvalidVersion):
        return ()
    below = [release for release in releases() if Version(release) <= version]
    return tuple(below[-1:])


def _within(bounds: SpecifierSet) -> tuple[str, ...]:
    found = tuple(bounds.filter(releases()))
    from packaging.version import Version

    # "==0.22" and ">=0.22" allow nothing that is known; what is newest is nearest to them.
    lower = [Version(it.version.removesuffix(".*")) for it in bounds if it.operator in ("==", ">=", ">", "~=")]
    return found or ((newest(),) if lower and max(lower) > Version(newest()) else ())


def short(release: str) -> str:
    """A release as people write it: "0.14" for "0.14.0"."""
    return release.removesuffix(".0") if release.count(".") > 1 else release


def spelled(some: Sequence[str]) -> str:
    """Releases that follow each other as people write them: "0.17", "0.17 to 0.18.1"."""
    return short(some[0]) if len(some) == 1 else f"{short(some[0])} to {short(some[-1])}"
