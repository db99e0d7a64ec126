"""What happens, after a wrap, to the object that was wrapped and to what came out."""

from __future__ import annotations

from adapterlint.knowledge.sentence_transformers import ASKS_CLASS, HARMLESS, TRUSTED
from adapterlint.model import Applicability
from adapterlint.names.machine import Wrap
from adapterlint.names.objects import Event, Object

_READS = frozenset({"member", "item", "passed", "stored", "returned"})
_SAFE = (Applicability.safe, "")


def later_uses(wrap: Wrap) -> tuple[Applicability, str]:
    """The best promise for letting the base take the place of the result, and why it is less than `safe`."""
    for value in wrap.subject:
        if isinstance(value, Object):
            told = _of_base(value, wrap)
            if told is not None:
                return Applicability.display, told
    told_of = [_of_result(event) for result in wrap.results for event in result.events]
    return min((it for it in told_of if it is not None), key=lambda it: it[0], default=_SAFE)


def _of_base(value: Object, wrap: Wrap) -> str | None:
    """Why the wrapped object cannot be changed in place: it is wrapped again, or read afterwards as the base."""
    wraps = [event for event in value.events if event.kind == "wrapped"]
    if len(wraps) > 1:
        return "the same base is wrapped again, in another turn of the loop or further on"
    since = wraps[0].order if wraps else wrap.order
    if not any(result.events for result in wrap.results):
        return None  # the result is dropped, so whoever reads the base afterwards means the adapted one
    for event in value.events:
        read = event.kind in _READS and not (event.kind == "member" and event.detail in HARMLESS)
        if event.order > since and read and not set(wrap.results) & set(event.among):
            return "the base is read again afterwards, perhaps as the baseline"
    return None


def _of_result(event: Event) -> tuple[Applicability, str] | None:
    if event.kind == "passed":
        if event.detail in ASKS_CLASS:
            return Applicability.display, "the class of the result is asked for later"
        if event.detail.split(".")[0] not in TRUSTED:
            return Applicability.unsafe, f"the result is passed to {event.detail}, whose needs are not seen"
    if event.kind == "stored":
        return Applicability.unsafe, "the result is kept in a container, where its later use is not followed"
    if event.kind == "returned":
        return Applicability.unsafe, "the result is returned to callers that are not seen"
    return None
