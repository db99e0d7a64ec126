"""The history of models: which objects share their weights, what happened to them, and in which order a run sees it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from adapterlint.knowledge.calls import function
from adapterlint.knowledge.effects import COPIED, MERGED, UNLOADED, WRAPPED
from adapterlint.knowledge.models import METHODS
from adapterlint.knowledge.sentence_transformers import TRUSTED
from adapterlint.knowledge.training import HOLDERS
from adapterlint.names.objects import Object, Text, is_none, qualified
from adapterlint.names.where import exclusive

if TYPE_CHECKING:
    from adapterlint.names.acts import Act, Event
    from adapterlint.names.interpreter import Interpreter
    from adapterlint.names.objects import Values
    from adapterlint.names.where import Where

    Moment: TypeAlias = "Event | Act"

DONE = frozenset({-1})  # the way of a `try` whose body ran to its end


class History:
    """Questions about order and about objects that share their weights. Each answer is certain or says it is not."""

    def __init__(self, run: Interpreter) -> None:
        self._run = run
        self._families: dict[Object, tuple[Object, ...]] = {}

    def before(self, one: Moment, other: Moment) -> bool | None:
        """Whether a run may come through `one` and then through `other`; None where nothing says their order.

        Nothing does for two functions that the source itself never calls.
        """
        a, b = one.where, other.where
        if one.order >= other.order or exclusive(a, b) or _compared(a, b):
            return False
        if a.alone and b.alone and a.functions[:1] != b.functions[:1]:
            return True if a.functions[:1] and a.functions[0] in self._makers else None
        return True

    def always_before(self, one: Moment, other: Moment) -> bool:
        """Whether every run that comes through `other` came through `one`."""
        return self.before(one, other) is True and _implied(one.where, other.where)

    @cached_property
    def _makers(self) -> frozenset[object]:
        return frozenset(it.site for it in self._run.functions if it.name == "__init__")

    @cached_property
    def _sharing(self) -> dict[Object, list[Object]]:
        """Each object with those that have its weights inside or around: wrappers, modules and their parts."""
        found: dict[Object, list[Object]] = {}
        for it in self._run.objects:
            inside = [*it.wraps]
            if not HOLDERS & set(it.classes):
                inside += [value for values in it.parts.values() for value in values]
            for value in inside:
                if isinstance(value, Object) and value is not it:
                    found.setdefault(it, []).append(value)
                    found.setdefault(value, []).append(it)
        return found

    def family(self, value: Object) -> tuple[Object, ...]:
        """The object and all that share its weights: the base and the PeftModels around it, a model and its parts."""
        if value not in self._families:
            found, waiting = {value: None}, [value]
            while waiting:
                for it in self._sharing.get(waiting.pop(), ()):
                    if it not in found:
                        found[it] = None
                        waiting.append(it)
            self._families |= dict.fromkeys(found, tuple(found))
        return self._families[value]

    def events(self, value: Object, *kinds: str) -> list[Event]:
        """What happened to the object and to all that share its weights, in order; only these kinds if any is named."""
        found = [it for member in self.family(value) for it in member.events if not kinds or it.kind in kinds]
        return sorted(found, key=lambda it: it.order)

    def layers(self, value: Object, at: Moment) -> list[Event]:
        """The wraps that may have put adapter layers into the object's weights, and not surely out, at that moment.

        An object copied from another one has what that one had inside.
        """
        wraps = [it for it in self.events(value, WRAPPED) if it is not at and it.act is not at]
        outs = [it for it in self.events(value, MERGED, UNLOADED) if it.act is not None and _takes_out(it.act)]
        found = [it for it in wraps if self.before(it, at) is not False and not self._taken_out(it, outs, at)]
        for it in self.family(value):
            if it.made is not None and it.made.kind == COPIED:
                originals = [source for source in it.made.subject if isinstance(source, Object)]
                found += [each for source in originals for each in self.layers(source, it.made)]
        return list(dict.fromkeys(found))

    def _taken_out(self, wrap: Event, outs: Iterable[Event], at: Moment) -> bool:
        for it in outs:
            owners = [owner for owner in (it.act.subject if it.act else ()) if isinstance(owner, Object)]
            mine = bool(owners) and all(owner.made is wrap.act for owner in owners)
            if mine and self.before(wrap, it) and self.always_before(it, at):
                return True
        return False

    def doubt(self, value: Object, before: Moment | None = None) -> str:
        """Why something may have happened to the object's weights that is not seen; "" where nothing can have."""
        for it in self.family(value):
            if it.foreign:
                return "it comes from a caller that is not seen"
            for event in it.events:
                if event.kind == "passed" and not _known(event.detail):  # asked first: order is the dearer question
                    if before is None or self.before(event, before) is not False:
                        return f"it is passed to {event.detail}, which is not seen"
        return ""

    def around(self, moment: Moment, *calls: str) -> Iterator[tuple[str, Values]]:
        """The contexts (`with` and decorators) it happens in whose manager comes out of one of these calls.

        Yields the qualified name and the objects it was called on.
        """
        for it in moment.where.contexts:
            for made in (value.made for value in it.values if isinstance(value, Object)):
                if made is not None and made.call in calls:
                    yield made.call, made.subject
            for value in it.callee:
                for name in qualified(value):
                    if name in calls and not any(isinstance(each, Object) for each in it.values):
                        yield name, ()


def _compared(one: Where, other: Where) -> bool:
    """Whether one name is equal to different literals at the two."""
    mine, theirs = _equal(one), _equal(other)
    return any(key in theirs and theirs[key] != value for key, value in mine.items())


def _equal(where: Where) -> dict[tuple[int, str], str]:
    found = {}
    for run, text, truth in (it for arm in where.arms for it in arm.given):
        left, operator, right = text.partition(" == ")
        if operator and truth and right.strip()[:1] in "'\"0123456789":
            found[run, left.strip()] = right.strip().strip("'\"")
    return found


def _implied(one: Where, other: Where) -> bool:
    """Whether to be at `other` says that the ways, turns and functions of `one` were gone through."""
    known = {arm.fork: arm.ways for arm in other.arms}
    for arm in one.arms:
        ways = known.get(arm.fork)
        if ways is None or not (ways <= arm.ways or (arm.kind == "try" and ways == DONE)):
            return False
    loops = [site for site, _ in other.turns]
    if any(site not in loops for site, _ in one.turns):
        return False
    return not one.alone or (other.alone and one.functions[:1] == other.functions[:1])


def _takes_out(act: Act) -> bool:
    """Whether the layers are gone afterwards: `merge_adapter` leaves them."""
    return not act.call.endswith(".merge_adapter")


def _known(callee: str) -> bool:
    """Whether it is known that the callee does to a model no more than its own event says."""
    return callee.split(".")[0] in TRUSTED or function(callee) is not None or callee in METHODS


def literal(values: Values) -> str | None:
    """The one text that the values can only be, None where there is another possibility."""
    texts = {it.value if isinstance(it, Text) else None for it in values if not is_none(it)}
    return next(iter(texts)) if len(texts) == 1 else None


def base_name(value: Object, depth: int = 8) -> str | None:
    """The id or folder that the model was made from, as written; None where it is not a literal or not known."""
    if not depth:
        return None
    made = value.made
    inside = [it for it in value.wraps if isinstance(it, Object)]
    if inside:
        names = {base_name(it, depth - 1) for it in inside}
        return names.pop() if len(names) == 1 else None
    if made is None:
        return None
    if made.kind == COPIED:
        names = {base_name(it, depth - 1) for it in made.subject if isinstance(it, Object)}
        return names.pop() if len(names) == 1 else None
    return literal(made.base)
