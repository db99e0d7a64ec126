"""The history of models: which objects share their weights, what happened to them, and in which order a run sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from adapterlint.knowledge.calls import function
from adapterlint.knowledge.effects import COPIED, MERGED, UNLOADED, WRAPPED
from adapterlint.names.families import NEVER, Family, Layer, families
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
        self._order = -1  # how far the run had come when the families were found
        self._families: dict[Object, Family] = {}
        self._own: dict[Object, Family] = {}
        self._derived: set[str] | None = None
        self._sharing: dict[Object, list[Object]] = {}

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

    def _refresh(self) -> None:
        """Forget the families if more was run since they were found: `Names.values` may run what was put off."""
        if self._order != self._run.order:
            self._order, self._families, self._own = self._run.order, {}, {}
            self._derived = None
            self._sharing = families(self._run.objects)

    def _family(self, value: Object) -> Family:
        self._refresh()
        known = self._families
        if value not in known:
            found, waiting = {value: None}, [value]
            while waiting:
                for it in self._sharing.get(waiting.pop(), ()):
                    if it not in found:
                        found[it] = None
                        waiting.append(it)
            known |= dict.fromkeys(found, Family(tuple(found)))
        return known[value]

    def family(self, value: Object) -> tuple[Object, ...]:
        """The object and all that share its weights: the base and the PeftModels around it, a model and its parts."""
        return self._family(value).members

    def events(self, value: Object, *kinds: str) -> tuple[Event, ...]:
        """What happened to the object and to all that share its weights, in order; only these kinds if any is named."""
        return self._family(value).events(kinds)

    def derives(self, callee: str) -> bool:
        """Whether that is a class of this source which derives from a library class that is known."""
        self._refresh()
        if self._derived is None:
            made = [it for it in self._run.objects if it.site.cell >= 0 and it.local is not None]
            known = [it for it in made if any(function(name) is not None for name in it.classes)]
            self._derived = {it.local.name for it in known if it.local is not None}
        return callee in self._derived

    def own(self, value: Object, *kinds: str) -> tuple[Event, ...]:
        """What happened to this very object, in order."""
        self._family(value)
        if value not in self._own:
            self._own[value] = Family((value,))
        return self._own[value].events(kinds)

    def since(self, moment: Moment, value: Object, *kinds: str) -> Iterator[Event]:
        """Those of the events that a run may come to after the moment, in order."""
        found = self._family(value).between(moment.order, NEVER, kinds)
        return (it for it in found if self.before(moment, it) is not False)

    def between(self, one: Moment, value: Object, other: Moment, *kinds: str) -> Iterator[Event]:
        """Those of the events that a run may come to after the one moment and before the other, in order."""
        found = self._family(value).between(one.order, other.order, kinds)
        return (it for it in found if self.before(one, it) is not False and self.before(it, other) is not False)

    def until(self, moment: Moment, value: Object, *kinds: str) -> Iterator[Event]:
        """Those of the events that a run may have come through before the moment, the last first."""
        found = self._family(value).until(moment.order, kinds)
        return (it for it in found if self.before(it, moment) is not False)

    def chosen(self, value: Object, test: Callable[..., bool], *given: object) -> tuple[Event, ...]:
        """The events for which `test(event, *given)` holds, in order; it is asked once for all uses of the object."""
        return self._family(value).chosen(test, *given)

    def layers(self, value: Object, at: Moment) -> list[Event]:
        """The wraps that may have put adapter layers into the object's weights, and not surely out, at that moment.

        An object copied from another one has what that one had inside.
        """
        found = {it.order: it for it in reversed(list(self._inside(value, at)))}
        for made in self._family(value).copies:
            for source in (it for it in made.subject if isinstance(it, Object)):
                for it in self.layers(source, made):
                    found.setdefault(it.order, it)
        return list(found.values())

    def last_layers(self, value: Object, at: Moment) -> Iterator[Event]:
        """The same, the last first: for those who ask no further than for the first that will do."""
        if self._family(value).copies:
            yield from reversed(self.layers(value, at))
            return
        last = 0
        for it in self._inside(value, at):
            if it.order != last:
                yield it
            last = it.order

    def holds(self, value: Object, wrap: Act, at: Moment) -> bool:
        """Whether layers that the call has put in may be inside at that moment."""
        family = self._linked(self._family(value))
        if family.copies:
            return any(it.act is wrap for it in self.layers(value, at))
        return any(self._is_inside(layer, at) for layer in family.of.get(wrap, ()))

    def _inside(self, value: Object, at: Moment) -> Iterator[Event]:
        """The last first, without those of what the members were copied from."""
        layers = self._linked(self._family(value)).before(at.order)
        return (layer.event for layer in layers if self._is_inside(layer, at))

    def _is_inside(self, layer: Layer, at: Moment) -> bool:
        it = layer.event
        if it is at or it.act is at or layer.gone < at.order or self.before(it, at) is False:
            return False
        return not any(self.always_before(out, at) for out in layer.outs)

    def _linked(self, family: Family) -> Family:
        """The family with its wraps, each with the merges and unloads of nothing but what it made."""
        if not family.linked:
            outs: dict[Act | None, list[Event]] = {}
            for it in family.events((MERGED, UNLOADED)):
                made = {owner.made for owner in (it.act.subject if it.act else ()) if isinstance(owner, Object)}
                if it.act is not None and _takes_out(it.act) and len(made) == 1:
                    outs.setdefault(made.pop(), []).append(it)
            layers = []
            for it in family.events((WRAPPED,)):
                own = tuple(out for out in outs.get(it.act, ()) if self.before(it, out))
                layers.append(Layer(it, own, min((out.order for out in own if _plain(out.where)), default=NEVER)))
            family.link(layers)
        return family

    def doubt(self, value: Object, before: Moment | None = None) -> str:
        """Why something may have happened to the object's weights that is not seen; "" where nothing can have."""
        family = self._family(value)
        for events in family.doubts:
            for event in events:
                if before is not None and event.order >= before.order:
                    break
                if before is None or self.before(event, before) is not False:
                    return f"it is passed to {event.detail}, which is not seen"
        return "it comes from a caller that is not seen" if family.foreign else ""

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
    if one.arm is None or other.arm is None or not one.arm.known or not other.arm.known:
        return False
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
    if _plain(one):
        return True
    known = {arm.fork: arm.ways for arm in other.arms}
    for arm in one.arms:
        ways = known.get(arm.fork)
        if ways is None or not (ways <= arm.ways or (arm.kind == "try" and ways == DONE)):
            return False
    loops = [site for site, _ in other.turns]
    if any(site not in loops for site, _ in one.turns):
        return False
    return not one.alone or (other.alone and one.functions[:1] == other.functions[:1])


def _plain(where: Where) -> bool:
    """Whether every run comes there."""
    return where.arm is None and not where.turns and not where.alone


def _takes_out(act: Act) -> bool:
    """Whether the layers are gone afterwards: `merge_adapter` leaves them."""
    return not act.call.endswith(".merge_adapter")


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
