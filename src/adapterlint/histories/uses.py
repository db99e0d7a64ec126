"""What happens, before and after a wrap, to the object that was wrapped and to what came out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.knowledge.sentence_transformers import ASKS_CLASS, HARMLESS, TRUSTED, WRITES
from adapterlint.model import Applicability
from adapterlint.names.objects import Object

if TYPE_CHECKING:
    from adapterlint.names.acts import Event
    from adapterlint.names.machine import Wrap

_READS = frozenset({"member", "item", "passed", "stored", "returned"})
_SAFE = (Applicability.safe, "")


def later_uses(wrap: Wrap) -> tuple[Applicability, str]:
    """The best promise for letting the base take the place of the result, and why it is less than `safe`."""
    bases = [value for value in wrap.subject if isinstance(value, Object)]
    if any(value.wraps for value in bases):
        return Applicability.display, "what comes out is wrapped again in another turn of the loop"
    for value in bases:
        told = _of_base(value, wrap)
        if told is not None:
            return Applicability.display, told
    told_of = [_of_result(event) for result in wrap.results for event in result.events]
    if any(value.foreign for value in bases):
        told_of.append((Applicability.unsafe, "the base comes from callers that are not seen"))
    return min((it for it in told_of if it is not None), key=lambda it: it[0], default=_SAFE)


def _of_base(value: Object, wrap: Wrap) -> str | None:
    """Why the wrapped object cannot be changed in place: it is wrapped again, or read afterwards as the base."""
    wraps = [event for event in value.events if event.kind == "wrapped"]
    if len(wraps) > 1:
        return "the same base may be wrapped again: in another turn, another call or further on"
    since = wraps[0].order if wraps else wrap.order
    if not any(result.events for result in wrap.results):
        return None  # the result is dropped, so whoever reads the base afterwards means the adapted one
    for event in (event for it in whole(value) for event in it.events):
        if set(wrap.results) & set(event.among):
            continue
        if event.kind == "kept":
            return f"the base is also kept by {event.detail or 'another object'}, where its later use is not followed"
        read = event.kind in _READS and not (event.kind == "member" and event.detail in HARMLESS)
        if event.order > since and read:
            return "the base is read again afterwards, perhaps as the baseline"
    return None


def whole(value: Object) -> Iterator[Object]:
    """The object and the submodules that were taken from it."""
    yield value
    for values in value.parts.values():
        for part in values:
            if isinstance(part, Object):
                yield from whole(part)


def _of_result(event: Event) -> tuple[Applicability, str] | None:
    if event.kind == "passed":
        if event.detail in ASKS_CLASS:
            return Applicability.display, "the class of the result is asked for later"
        if event.detail in WRITES:
            return Applicability.unsafe, f"the result is written to a file by {event.detail}"
        if event.detail.split(".")[0] not in TRUSTED:
            return Applicability.unsafe, f"the result is passed to {event.detail}, whose needs are not seen"
    if event.kind in ("stored", "kept"):
        return Applicability.unsafe, "the result is kept in a container, where its later use is not followed"
    if event.kind == "returned":
        return Applicability.unsafe, "the result is returned to callers that are not seen"
    return None
