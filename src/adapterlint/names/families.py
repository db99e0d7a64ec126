"""Families: objects that share their weights, and what happened to any of them, found once for all that ask."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from adapterlint.knowledge.calls import function
from adapterlint.knowledge.effects import COPIED
from adapterlint.knowledge.models import METHODS
from adapterlint.knowledge.sentence_transformers import TRUSTED
from adapterlint.knowledge.training import HOLDERS
from adapterlint.names.objects import Object

if TYPE_CHECKING:
    from adapterlint.names.acts import Act, Event

    Events: TypeAlias = tuple[Event, ...]

NEVER = 1 << 62  # an order that no moment of a run has


@dataclass(eq=False, slots=True)
class Layer:
    """One wrap of a family. `outs` may take its layers out, as they surely have at every moment after order `gone`.

    `last` is the wrap before it whose layers may be inside when this one happens; all others between are gone by then.
    """

    event: Event
    outs: tuple[Event, ...] = ()
    gone: int = NEVER
    last: Layer | None = None


@dataclass(eq=False)
class Family:
    """Objects that share their weights. `layers` and `orders` are its wraps and the orders of those, as they happen."""

    members: tuple[Object, ...]
    layers: list[Layer] = field(default_factory=list)
    orders: list[int] = field(default_factory=list)
    linked: bool = False
    _kinds: dict[tuple[str, ...], tuple[Events, list[int]]] = field(default_factory=dict)
    _chosen: dict[object, Events] = field(default_factory=dict)

    @cached_property
    def _all(self) -> Events:
        found = [it for member in self.members for it in member.events]
        return tuple(sorted(found, key=lambda it: it.order))

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        """Where in `_all` the events of each kind are."""
        found: dict[str, list[int]] = {}
        for place, it in enumerate(self._all):
            found.setdefault(it.kind, []).append(place)
        return found

    def _of(self, kinds: tuple[str, ...]) -> tuple[Events, list[int]]:
        if kinds not in self._kinds:
            places = sorted(place for kind in set(kinds) for place in self._places.get(kind, ()))
            events = tuple(self._all[place] for place in places) if kinds else self._all
            self._kinds[kinds] = events, [it.order for it in events]
        return self._kinds[kinds]

    def events(self, kinds: tuple[str, ...]) -> Events:
        """What happened to the members, in order; only these kinds if any is named."""
        return self._of(kinds)[0]

    def between(self, first: int, last: int, kinds: tuple[str, ...]) -> Iterator[Event]:
        """Those of the events that have an order between the two."""
        events, orders = self._of(kinds)
        return (events[place] for place in range(bisect_right(orders, first), bisect_left(orders, last)))

    def until(self, order: int, kinds: tuple[str, ...]) -> Iterator[Event]:
        """Those of the events that have an earlier order, the last first."""
        events, orders = self._of(kinds)
        return (events[place] for place in range(bisect_left(orders, order) - 1, -1, -1))

    def chosen(self, test: Callable[..., bool], *given: object) -> Events:
        """The events for which `test(event, *given)` holds. It is asked once for each event."""
        key = (test, *given)
        if key not in self._chosen:
            self._chosen[key] = tuple(it for it in self._all if test(it, *given))
        return self._chosen[key]

    @cached_property
    def copies(self) -> tuple[Act, ...]:
        """The calls that members were copied by from others."""
        return tuple(it.made for it in self.members if it.made is not None and it.made.kind == COPIED)

    @cached_property
    def seen(self) -> Sequence[Object]:
        """The members up to the first that comes from a caller that is not seen."""
        end = next((place for place, it in enumerate(self.members) if it.foreign), len(self.members))
        return self.members[:end]

    @cached_property
    def foreign(self) -> bool:
        """Whether a member comes from a caller that is not seen."""
        return len(self.seen) < len(self.members)

    @cached_property
    def doubts(self) -> list[list[Event]]:
        """For each member, in so far as no foreign one is met before it, when it went to a callee that is not seen."""
        found = [[it for it in member.events if it.kind == "passed" and not _known(it.detail)] for member in self.seen]
        return [events for events in found if events]

    @cached_property
    def of(self) -> dict[Act, list[Layer]]:
        """The wraps by the call that made them."""
        found: dict[Act, list[Layer]] = {}
        for layer in self.layers:
            if layer.event.act is not None:
                found.setdefault(layer.event.act, []).append(layer)
        return found

    def before(self, order: int) -> Iterator[Layer]:
        """The wraps before that order whose layers may be inside then, the last first."""
        place = bisect_left(self.orders, order)
        layer = self.layers[place - 1] if place else None
        while layer is not None:
            if layer.gone >= order:
                yield layer
            layer = layer.last

    def link(self, layers: list[Layer]) -> None:
        """Keep the wraps, each with the last one before it that is not gone when it happens."""
        last: Layer | None = None
        for layer in layers:
            while last is not None and last.gone < layer.event.order:
                last = last.last
            layer.last, last = last, layer
        self.layers, self.orders, self.linked = layers, [it.event.order for it in layers], True


def families(objects: Sequence[Object]) -> dict[Object, list[Object]]:
    """Each object with those that have its weights inside or around: wrappers, modules and their parts."""
    found: dict[Object, list[Object]] = {}
    for it in objects:
        inside = [*it.wraps]
        if not HOLDERS & set(it.classes):
            inside += [value for values in it.parts.values() for value in values]
        for value in inside:
            if isinstance(value, Object) and value is not it:
                found.setdefault(it, []).append(value)
                found.setdefault(value, []).append(it)
    return found


def _known(callee: str) -> bool:
    """Whether it is known that the callee does to a model no more than its own event says."""
    return callee.split(".")[0] in TRUSTED or function(callee) is not None or callee in METHODS
