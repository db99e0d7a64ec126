"""Calls of which knowledge says what they do: what comes back, and what happens to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapterlint.knowledge.calls import ADAPTING, READING, function
from adapterlint.knowledge.effects import ADAPTERS, COPIED, WRAPPED
from adapterlint.knowledge.models import ADAPTERS_MODEL, PEFT_MODEL
from adapterlint.knowledge.training import OUTPUT, TRAINER
from adapterlint.names.acts import Act
from adapterlint.names.functions import Functions, by_parameter
from adapterlint.names.machine import Wrap
from adapterlint.names.objects import UNKNOWN, Items, Object, Text, join, not_none

if TYPE_CHECKING:
    from adapterlint.knowledge.effects import Call
    from adapterlint.names.acts import Argument
    from adapterlint.names.objects import Site, Values


class Known(Functions):
    """The effects of calls, as events on objects."""

    def known(self, name: str, call: Call, owner: Object | None, arguments: tuple[Argument, ...], site: Site) -> Values:
        """What the call returns, after what it does."""
        arguments = by_parameter(arguments, call.parameters)
        act = self.acted(name, call.act, arguments, site)
        act.adapter, act.base = _given(arguments, call.adapter), _given(arguments, call.base)
        result = self.born((call.returns,), site, act) if call.returns else None
        wrapped = self._wrapped_by(call, owner, arguments)
        for it in arguments:
            if wrapped is None or it.name != call.wraps:
                self.happen(it.values, "passed", name, site)
        if wrapped is not None:
            self._wrap(call, act, wrapped, result)
        elif call.inner is not None and result is not None:
            self._inner(call.inner, act, result)
        elif call.act:
            act.subject = self._subject(call, owner, arguments)
            self.happen(act.subject, call.act, name, site, act)
            if call.act == ADAPTERS:  # from here on its methods are those of another library
                for value in act.subject:
                    if isinstance(value, Object):
                        value.classes = (ADAPTERS_MODEL,)
        if result is not None:
            self._remember(call, owner, arguments, result)
        act.results = self._returned(call, act, owner, result)
        return act.results

    def acted(self, call: str, kind: str, arguments: tuple[Argument, ...], site: Site) -> Act:
        """A new act, kept in the order of the run."""
        self.order += 1  # what happened while the arguments were evaluated came before
        act = Act(call, kind, site, self.order, self.where, arguments, node=self.calling)
        self.adapts = self.adapts or _adapts(call, arguments)
        if not self.silent:
            self.acts.append(act)
        return act

    def constructed(self, made: Object, arguments: tuple[Argument, ...]) -> None:
        """What a library class keeps of the arguments that an object of a class derived from it is made with."""
        call = self.constructor(made)
        if call is not None:
            self._remember(call, None, by_parameter(arguments, call.parameters), made)

    def constructor(self, made: Object) -> Call | None:
        """What knowledge says of making an object of the nearest library class that it is of."""
        return next((it for it in map(function, made.classes) if it is not None), None)

    def _wrapped_by(self, call: Call, owner: Object | None, arguments: tuple[Argument, ...]) -> Values | None:
        """The objects the call puts layers into, None where it puts none."""
        if call.wraps is None:
            return None
        if call.when and not not_none(_given(arguments, call.when)):
            return None
        if owner is not None:
            return (owner,)
        return _given(arguments, call.wraps) or UNKNOWN

    def _wrap(self, call: Call, act: Act, subject: Values, result: Object | None) -> None:
        act.kind, act.subject, self.adapts = WRAPPED, subject, True
        self.happen(subject, WRAPPED, act.call, act.site, act)
        since = self.unseen_since
        if since is not None:  # nothing says how often the function is called: what was there before is wrapped again
            before = tuple(it for it in subject if isinstance(it, Object) and it.order < since)
            self.happen(before, WRAPPED, act.call, act.site, act, again=True)
        made = result
        if result is not None and result.is_a(TRAINER):
            made = self.born((PEFT_MODEL,), act.site, act)
        if made is not None:
            made.wraps = subject
        if self.silent:
            return
        wrap = self.wraps.setdefault(act.site, Wrap(act.call, act.site, self.order, act.arguments))
        wrap.subject = join(wrap.subject, subject)
        wrap.adapter = join(wrap.adapter, act.adapter)
        wrap.results += [made] if made is not None else []

    def _inner(self, cls: str, act: Act, result: Object) -> None:
        """An adapter that is loaded with the base model it names."""
        base = self.born((cls,), act.site, act)
        result.wraps = act.subject = (base,)
        act.kind = WRAPPED
        self.happen((base,), WRAPPED, act.call, act.site, act)

    def _subject(self, call: Call, owner: Object | None, arguments: tuple[Argument, ...]) -> Values:
        """Whom the act is done to: the object of the method, a part of it, or an argument."""
        if owner is None or not (call.on in ("self", "of") or call.on[:1] == "."):
            return models(_given(arguments, call.on))
        if call.on == "self":
            return (owner,)
        held = self.scope.heap.entries.get((owner, call.on[1:]))
        return models(held or (owner.of if call.on == "of" else owner.parts.get(call.on, ())))

    def _remember(self, call: Call, owner: Object | None, arguments: tuple[Argument, ...], result: Object) -> None:
        for parameter, step in call.keeps:
            given: Values = (owner,) if parameter == "self" and owner is not None else _given(arguments, parameter)
            if step == "of":
                result.of = models(given)
                if result.is_a(OUTPUT):  # its loss and its logits are as much of the model as itself
                    loss = self.born((OUTPUT,), result.site)
                    loss.of = result.of
                    result.parts = {".loss": (loss,), ".logits": (loss,), "[0]": (loss,)}
            elif step == "modules":
                self._modules(given, result)
            else:
                adapted = [it for wrap in (self.wraps.get(result.site),) if wrap for it in wrap.results[-1:]]
                result.parts[step] = join(tuple(adapted), () if adapted and result.made else given)
                self.happen(given, "kept", call.returns or "", result.site)

    def _modules(self, given: Values, result: Object) -> None:
        """The modules that a SentenceTransformer is made of."""
        for value in given:
            if isinstance(value, Items) and not value.open and not value.keys:
                for number, element in enumerate(value.elements):
                    result.parts[f"[{number}]"] = element

    def _returned(self, call: Call, act: Act, owner: Object | None, result: Object | None) -> Values:
        if result is not None:
            return (Items(((result,), UNKNOWN)),) if call.pair else (result,)
        if call.gives == "self" and owner is not None:
            return (owner,)
        if call.gives == ".base_model" and owner is not None:
            return owner.wraps or UNKNOWN
        if call.gives == "*":
            given = [it.values for it in act.arguments if not it.keyword]
            return given[0] if len(given) == 1 else (Items(tuple(given)),)
        if call.act == COPIED:
            return self._copied(act) or UNKNOWN
        return (_given(act.arguments, call.gives) if call.gives else ()) or UNKNOWN

    def _copied(self, act: Act) -> Values:
        given = _given(act.arguments, "x")
        if not all(isinstance(it, Object) and it.local is None for it in given):
            return ()
        return tuple(self._copy(it, act) for it in given if isinstance(it, Object))

    def _copy(self, value: Object, act: Act, depth: int = 4) -> Object:
        copy = self.born(value.classes, act.site, act)
        if depth:
            copy.wraps = tuple(self._copy(it, act, depth - 1) if isinstance(it, Object) else it for it in value.wraps)
        return copy


def _adapts(call: str, arguments: tuple[Argument, ...]) -> bool:
    """Whether the call has to do with an adapter: one of PEFT that is known, or one that reads a file named so."""
    if call.startswith(ADAPTING):
        return function(call) is not None or call.startswith(PEFT_MODEL)
    texts = [it.value for argument in arguments[:1] for it in argument.values if isinstance(it, Text)]
    return call in READING and any("adapter" in it or "lora" in it.lower() for it in texts)


def _given(arguments: tuple[Argument, ...], name: str | None) -> Values:
    return next((it.values for it in arguments if name and it.name == name), ())


def models(values: Values, depth: int = 3) -> Values:
    """The objects among the values, and those whose weights, parameters or output are among them."""
    found: dict[Object, None] = {}
    for value in values:
        if isinstance(value, Object):
            for it in value.of or (value,):
                if isinstance(it, Object):
                    found.setdefault(it)
        elif isinstance(value, Items) and depth:
            for element in value.elements:
                for it in models(element, depth - 1):
                    if isinstance(it, Object):
                        found.setdefault(it)
    return tuple(found)
