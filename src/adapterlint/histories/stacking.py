"""Second wraps: adapter layers that are put into a model with layers inside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from adapterlint.histories.layers import is_prompt, surely
from adapterlint.knowledge.effects import ACTIVATED, EVALUATED, FILLED, MERGED, SAVED, UNLOADED, USED, WRAPPED
from adapterlint.knowledge.models import PEFT_MODEL, SENTENCE_TRANSFORMER
from adapterlint.model import Severity
from adapterlint.names.history import literal
from adapterlint.names.objects import Object, is_none

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.names import Names
    from adapterlint.names.acts import Act, Argument, Event
    from adapterlint.names.objects import Site

_SKIP = ("peft.inject_adapter_in_model", "peft.PeftMixedModel", "unsloth.")
#: Decorators of functions that a server calls for each request.
_HANDLER = re.compile(r"\.(get|post|put|patch|route|websocket|api_route|event|task|command|message)\b")
_RETURNS_IT = frozenset({"eval", "train", "to", "cuda", "cpu", "half", "float", "bfloat16", "requires_grad_"})


class Stacked(NamedTuple):
    """One second wrap: the call, what it does, and where the layers inside came from."""

    act: Act
    severity: Severity
    message: str
    first: Site


def stacked(names: Names) -> Iterator[Stacked]:
    """Every second wrap, as often as the run comes through it."""
    for act in names.acts(WRAPPED):
        if not act.call.startswith(("peft.", "trl.")) or act.call.startswith(_SKIP) or act.argument("mixed"):
            continue
        if is_prompt(act, names) or _may_be_none(act):
            continue
        for value in (it for it in act.subject if isinstance(it, Object)):
            found = _nested(act, value, names) if value.is_a(PEFT_MODEL) else _over_a_base(act, value, names)
            if found is not None:
                yield found


def _may_be_none(act: Act) -> bool:
    given = act.argument("peft_config")
    return given is not None and any(is_none(it) for it in given.values)


def _nested(act: Act, value: Object, names: Names) -> Stacked | None:
    """A wrap around a PeftModel whose layers are still inside."""
    first, history = value.made, names.history
    if first is None or first.kind != WRAPPED or is_prompt(first, names) or history.doubt(value, before=act):
        return None
    again = first.site == act.site
    if again and _guarded(act.node):
        return None
    if first is act:  # in a function that nothing calls, should it be called once more
        if not _served(act, names) or any(it.kind in (UNLOADED, MERGED) for it in value.events):
            return None
    elif not history.before(first, act) or not history.holds(value, first, act):
        return None
    alone = len([it for it in act.subject if not is_none(it)]) == 1
    retried = any(arm.kind == "try" for arm in first.where.arms)  # tried again where it has failed
    if not alone and (retried if again else not _follows(act, first)):
        return None
    since = "once it has run before" if again else "since line {line}"
    what = "is given a peft_config and" if act.call.startswith("trl.") else "wraps"
    then = "neither adapter is at work" if act.adapter else "a fresh adapter answers instead of the one inside"
    chosen = any(history.before(act, it) for it in history.since(act, value, ACTIVATED))
    severity = Severity.warning if first is act or chosen else Severity.error
    if chosen and not act.adapter and _apart(first, act):  # set_adapter finds either of them
        then = "what it saves loads into no bare base"
        severity = severity if any(history.since(act, value, SAVED)) else Severity.hint
    tail = "" if act.call.startswith("trl.") else f": {then}"
    message = f"{_short(act)} {what} a model that is a PeftModel already, {since}{tail}"
    return Stacked(act, severity, message, first.site)


def _apart(first: Act, act: Act) -> bool:
    """Whether the two adapters go by different names; the turns of a loop do where the name is not written there."""
    one, other = (literal(it.values) if it is not None else "default" for it in (_name_of(first), _name_of(act)))
    return other is None if first.site == act.site else None not in (one, other) and one != other


def _name_of(act: Act) -> Argument | None:
    return act.argument("adapter_name")


def _served(act: Act, names: Names) -> bool:
    """Whether a framework calls the function for each request, and what it binds is there at the next one."""
    given, function = act.argument("model"), act.node
    while function is not None and function.kind() != "function_definition":
        function = function.parent()
    outer = function.parent() if function is not None else None
    if given is None or function is None or outer is None or outer.kind() != "decorated_definition":
        return False
    name = names.cell(given.site).masked[given.site.start : given.site.end]
    lasts = name.startswith("self.") or re.search(rf"\bglobal\b[^\n]*\b{re.escape(name)}\b", function.text())
    return bool(lasts) and any(it.kind() == "decorator" and _HANDLER.search(it.text()) for it in outer.children())


def _short(act: Act) -> str:
    return act.call.removesuffix(".from_pretrained").rpartition(".")[2]


def _follows(act: Act, first: Act) -> bool:
    """Whether every run that comes through `first`, and goes on, comes to `act`."""
    known = {arm.fork: arm.ways for arm in first.where.arms}
    mine = [arm for arm in act.where.arms if arm.kind != "try" or min(arm.ways) > 0]
    return all(arm.fork in known and known[arm.fork] <= arm.ways for arm in mine)


def _over_a_base(act: Act, value: Object, names: Names) -> Stacked | None:
    """A wrap around a base that another wrap has put layers into, or merged them."""
    history = names.history
    if len(act.subject) != 1 or history.doubt(value, before=act):
        return None
    if act.adapter and value.is_a(SENTENCE_TRANSFORMER):
        return None  # said of the load itself, by another rule
    merged = _merged_before(act, value, names)
    if merged is not None:
        message = "the adapter comes on top of one that was merged into the same base before (line {line})"
        return Stacked(act, Severity.error if merged.site == act.site else Severity.warning, message, merged.site)
    for it in history.last_layers(value, act):
        first = it.act
        outs = history.between(it, value, act, MERGED, UNLOADED)
        if not all(out.detail.endswith("merge_adapter") for out in outs):
            return None  # it may have been taken out on the way
        if first is None or not it.sure or it.again or is_prompt(first, names):
            continue
        if surely(history, it, act) or _comes_again(first, act, names):
            return _replaced(act, first, filled=bool(history.events(value, FILLED)), names=names)
    return None


def _comes_again(first: Act, act: Act, names: Names) -> bool:
    """Whether it is the same call on another occasion, which no flag and no failure of the first stands between."""
    retried = any(arm.kind == "try" for arm in first.where.arms)
    return (
        first.site == act.site and names.history.before(first, act) is True and not retried and not _guarded(act.node)
    )


def _replaced(act: Act, first: Act, *, filled: bool, names: Names) -> Stacked:
    """What the second wrap makes of the layers that the first has put into the same base."""
    if not _same_adapter(first, act, names) and _outlives(first, act, names):
        message = "puts its adapter into a base that has one (line {line}), and answers for both models from here on"
        return Stacked(act, Severity.error, f"{_short(act)} {message}", first.site)
    if first.adapter and not act.adapter and not filled:
        message = "puts a fresh adapter in the place of the one that was loaded into the base at line {line}"
        return Stacked(act, Severity.warning, f"{_short(act)} {message}", first.site)
    message = "replaces the adapter that was put into the same base before (line {line})"
    return Stacked(act, Severity.hint, f"{_short(act)} {message}", first.site)


def _same_adapter(first: Act, act: Act, names: Names) -> bool:
    """Whether both load the same weights, so that it does not matter which of them answers."""
    name, given = literal(first.adapter), [it.argument("model_id") for it in (first, act)]
    if name is not None and name == literal(act.adapter):
        return True
    written = [names.cell(it.site).masked[it.site.start : it.site.end] for it in given if it is not None]
    return first.site != act.site and len(written) == 2 and written[0] == written[1]


def _outlives(first: Act, act: Act, names: Names) -> bool:
    """Whether the PeftModel of the first wrap is run or saved after the second one, or kept beside its result."""
    history = names.history
    for model in (it for it in first.results if isinstance(it, Object) and it.is_a(PEFT_MODEL)):
        if any(history.since(act, model, ACTIVATED)):
            return False
        for it in history.own(model, USED, EVALUATED, SAVED, "kept", "stored"):
            if it.kind in (USED, EVALUATED, SAVED) and it.sure and history.before(act, it):
                return True
            if it.kind in ("kept", "stored") and first.site == act.site and history.before(it, act):
                return True
    return first.site == act.site and _element(act.node)


def _element(node: SgNode | None) -> bool:
    """Whether the call is an element of the list or dictionary that a comprehension makes."""
    inner, outer = node, node.parent() if node is not None else None
    while outer is not None and inner is not None:
        kind = outer.kind()
        if kind in ("list_comprehension", "dictionary_comprehension", "set_comprehension"):
            return True
        name = outer.field("attribute") if kind == "attribute" else None
        steps = name is not None and name.text() in _RETURNS_IT
        if not (steps or kind == "pair" or (kind == "call" and inner.kind() == "attribute")):
            return False
        inner, outer = outer, outer.parent()
    return False


def _merged_before(act: Act, value: Object, names: Names) -> Act | None:
    """An earlier wrap of the object that was merged while the name it is wrapped by now stood for it untouched."""
    history, argument = names.history, act.argument("model")
    if argument is None:
        return None
    cell = names.cell(argument.site)
    name = cell.masked[argument.site.start : argument.site.end].rpartition(".")[2]
    bound = [it for it in history.own(value, "bound") if it.detail == name and it.order < act.order]
    if not bound or not history.events(value, MERGED):
        return None
    for it in history.until(act, value, WRAPPED):
        if it.act is None or it.act is act or not it.sure or it.again or not surely(history, it, act):
            continue
        for merge in _merges(it.act, names):
            if bound[-1].order < merge.order and surely(history, merge, act) and _goes_on(merge, value):
                return it.act
    return None


def _merges(wrap: Act, names: Names) -> Iterator[Event]:
    for model in (it for it in wrap.results if isinstance(it, Object)):
        for it in names.history.own(model, MERGED):
            if it.act is not None and it.act.call.endswith("merge_and_unload"):
                yield it


def _goes_on(merge: Event, value: Object) -> bool:
    """Whether what the merge gives back is used under a name of its own."""
    if merge.act is None or merge.act.dropped:
        return False
    since = takewhile(lambda it: it.order > merge.order, reversed(value.events))
    return any(it.kind not in ("member", WRAPPED) for it in since)


def _guarded(node: SgNode | None) -> bool:
    """Whether a condition that the same code changes lets it run only once: `if not loaded: …; loaded = True`."""
    conditions, inner = [], node
    while inner is not None and inner.kind() not in ("function_definition", "module"):
        outer = inner.parent()
        if inner.kind() in ("if_statement", "elif_clause", "conditional_expression"):
            asked = inner.field("condition")
            conditions += [asked.text()] if asked is not None else []
        for it in outer.children() if outer is not None and outer.kind() == "block" else ():
            if it.range().start.index >= inner.range().start.index:
                break
            if it.kind() == "if_statement" and re.search(r"\b(return|continue|break)\b", it.text()):
                asked = it.field("condition")
                conditions += [asked.text()] if asked is not None else []
        inner = outer
    text = inner.text() if inner is not None else ""
    flags = [set(re.findall(r"[\w.]*\w", it)) for it in conditions if not re.search(r"[=!]=", it)]
    return any(re.search(rf"(?<![\w.]){re.escape(word)}\s*=(?!=)", text) for each in flags for word in each)
