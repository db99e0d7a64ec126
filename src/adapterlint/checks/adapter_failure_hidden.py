"""A bare or broad `except` around the load of an adapter turns every failure into a run on another model.

A misspelt path, a missing package, a size mismatch, a key that PEFT refuses: the evaluation goes on, the numbers look
like a model's, and nothing tells them from the baseline's. Teams have compared fourteen "adapters" that were one base
model. `contextlib.suppress(Exception)` does the same, and so does a helper that returns None to a caller who writes
`load(path) or base`. A test whether the folder is there that goes round the load does it for a missing folder alone,
which may be meant: that is a hint.

A handler that raises, stops, or leaves no model behind hides nothing, and neither does one that catches the one error
it expects (`except FileNotFoundError:`), or a flag that is asked later, so this rule is silent there.

To mend it, decide before the load what kind of folder it is (`(path / "adapter_config.json").exists()`), load it the
one way that fits, and let a failure be a failure. Where a fallback is meant, catch the one exception it is meant for
and record in the results which model was used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.histories.guards import after, bindings, guards, returns, stops
from adapterlint.histories.leftovers import asked, left, other_model, paths_differ, span_of
from adapterlint.histories.outcomes import climbed, target_of
from adapterlint.histories.uses import whole
from adapterlint.knowledge.calls import AUTO_PEFT_CLASSES, METHODS, PEFT_CLASSES
from adapterlint.knowledge.effects import TRAINED, WRAPPED
from adapterlint.model import Example, Rule, Severity
from adapterlint.names import Object, Site

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.artifacts.source import Source
    from adapterlint.histories.guards import Guard
    from adapterlint.model import Finding
    from adapterlint.names import Names

_LOAD = """\
import os
from contextlib import suppress
from peft import PeftModel
from sentence_transformers import SentenceTransformer
from transformers import AutoModelForCausalLM

"""

RULE = Rule(
    id="adapter-failure-hidden",
    family="source",
    severity=Severity.warning,
    summary="a bare or broad except around the load of an adapter falls back to another model",
    why=__doc__,
    references=("https://docs.python.org/3/howto/logging.html",),
    examples=(
        Example(
            title="the fallback takes the folder for a model of its own",
            cells=(
                _LOAD,
                """\
def load(path):
    try:
        base = SentenceTransformer("base")
        PeftModel.from_pretrained(base[0].auto_model, path)
        model = base
    except:
        model = SentenceTransformer(path)
    return model
""",
            ),
        ),
        Example(
            title="the base is returned instead",
            cells=(
                _LOAD,
                """\
def load(base, path):
    model = AutoModelForCausalLM.from_pretrained(base)
    try:
        return PeftModel.from_pretrained(model, path)
    except Exception as error:
        print("no adapter:", error)
        return model
""",
            ),
        ),
        Example(
            title="suppressed, and the base answers",
            cells=(
                _LOAD,
                """\
model = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
with suppress(Exception):
    model = PeftModel.from_pretrained(model, "adapters/support")
answer = model.generate(**inputs)
""",
            ),
        ),
        Example(
            title="the caller takes None for a reason to use the base",
            cells=(
                _LOAD,
                """\
def tuned(base, path):
    try:
        return PeftModel.from_pretrained(base, path)
    except Exception:
        return None


base = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
model = tuned(base, "adapters/support") or base
""",
            ),
        ),
        Example(
            title="a missing folder is passed over",
            severity=Severity.hint,
            cells=(
                _LOAD,
                """\
model = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
if os.path.exists("adapters/support"):
    model = PeftModel.from_pretrained(model, "adapters/support")
answer = model.generate(**inputs)
""",
            ),
        ),
        Example(
            title="a handler that raises hides nothing",
            fires=0,
            cells=(
                _LOAD,
                """\
def load(model, path):
    try:
        model = PeftModel.from_pretrained(model, path)
    except Exception as error:
        raise RuntimeError(f"cannot load {path}") from error
    return model
""",
            ),
        ),
        Example(
            title="no model is left behind",
            fires=0,
            cells=(
                _LOAD,
                """\
for path in ["a", "b"]:
    try:
        model = PeftModel.from_pretrained(load_base(), path)
    except Exception:
        print("skipped", path)
        continue
    print(model)
""",
            ),
        ),
        Example(
            title="the one error that is expected",
            fires=0,
            cells=(
                _LOAD,
                """\
try:
    model = PeftModel.from_pretrained(base, path)
except FileNotFoundError:
    model = base
""",
            ),
        ),
        Example(
            title="a flag that is asked",
            fires=0,
            cells=(
                _LOAD,
                """\
model = SentenceTransformer("base")
try:
    model.load_adapter("adapters/support")
    adapted = True
except Exception:
    adapted = False
results = {"adapted": adapted, "vectors": model.encode(texts)}
""",
            ),
        ),
    ),
)

_LOADS = frozenset(
    [f"{name}.from_pretrained" for name in (*PEFT_CLASSES, *AUTO_PEFT_CLASSES)]
    + [name for name in METHODS if name.endswith(".load_adapter")]
)


def check(source: Source, names: Names) -> Iterator[Finding]:
    """Report each guard after which a run that failed to load goes on with another model."""
    told: set[Site] = set()
    for act in names.calls(*_LOADS):
        for guard in guards(act, names):
            other = _fallback(guard, source, names) if guard.site not in told else ""
            if other:
                told.add(guard.site)
                yield _finding(guard, other, names)


def _finding(guard: Guard, other: str, names: Names) -> Finding:
    place, line = names.place(guard.site), names.place(guard.load.site).line
    function = guard.load.node.field("function") if guard.load.node is not None else None
    called = function.text() if function is not None else "the load"
    if guard.kind == "exists":
        message = f"where the folder is missing, {called} (line {line}) is passed over: a run goes on with {other}"
        return RULE.finding(message, place, severity=Severity.hint)
    what = "this except" if guard.kind == "except" else "this suppress"
    return RULE.finding(f"if {called} (line {line}) fails, {what} goes on with {other} without a word", place)


def _fallback(guard: Guard, source: Source, names: Names) -> str:
    """What a run goes on with if the load fails, as written; "" for nothing, or where that is not sure."""
    handler = guard.handler
    if handler is not None and stops(handler):
        return ""
    if handler is not None:
        done = [it for it in names.acts(WRAPPED, TRAINED) if _within(it.site, handler, guard)]
        loads = [it for it in names.calls(*_LOADS) if _within(it.site, handler, guard)]
        if done or loads:
            other = guard.kind == "except" and bool(loads) and all(paths_differ(guard.load, it) for it in loads)
            return "another adapter" if other else _bound(guard, names)
    if asked(guard, source, names):
        return ""
    return _bound(guard, names) or _returned(guard, names) or _for_none(guard, names) or left(guard, source, names)


def _within(site: Site, node: SgNode, guard: Guard) -> bool:
    span = span_of(node)
    return site.cell == guard.site.cell and span.start <= site.start and site.end <= span.end


def _bound(guard: Guard, names: Names) -> str:
    """A model that the handler gives to a name which the load gives one to."""
    held = {name for name, value in bindings(guard.body) if _from_load(value, guard, names)}
    found = (other_model(value, guard.site.cell, names) for name, value in bindings(guard.handler) if name in held)
    return next((it for it in found if it), "")


def _returned(guard: Guard, names: Names) -> str:
    """A model that is returned in place of the adapted one: by the handler, or behind it."""
    if not returns(guard.body):
        return ""
    values = returns(guard.handler) if guard.handler is not None else []
    if not values and guard.kind != "exists":
        following = [it for it in after(guard.statement) if it.kind() == "return_statement"]
        values = returns(following[0]) if following else []
    found = (other_model(it, guard.site.cell, names) for it in values if it is not None)
    return next((it for it in found if it), "")


def _for_none(guard: Guard, names: Names) -> str:
    """A model that a caller takes for the None which a failure gives it: `load(path) or base`."""
    values = returns(guard.handler) if guard.handler is not None else []
    calls = guard.load.where.calls
    node = climbed(calls[-1 - guard.depth]) if len(calls) > guard.depth else None
    outer = node.parent() if node is not None else None
    if node is None or outer is None or not values or any(it is not None and it.text() != "None" for it in values):
        return ""
    right = outer.field("right") if outer.kind() == "boolean_operator" else None
    if right is not None and right.range() != node.range() and " and " not in outer.text():
        return _named(right, names)
    target, statement = target_of(node), outer.parent()
    if target is None or statement is None:
        return ""
    tested = re.compile(rf"^(?:{re.escape(target.text())} is None|not {re.escape(target.text())})$")
    for it in (it for it in after(statement) if it.kind() == "if_statement"):
        condition = it.field("condition")
        if condition is not None and tested.match(condition.text()):
            chosen = [value for name, value in bindings(it.field("consequence")) if name == target.text()]
            return _named(chosen[0], names) if chosen else ""
    return ""


def _named(value: SgNode, names: Names) -> str:
    site = names.found(value)
    return other_model(value, site.cell, names) if site is not None else ""


def _from_load(value: SgNode, guard: Guard, names: Names) -> bool:
    """Whether the value is what a load gave, or the object it changed in place."""
    here, call = span_of(value), span_of(guard.call)
    if here.start <= call.start and call.end <= here.end:
        return True
    found = names.at(Site(guard.site.cell, here.start, here.end))
    held = {part for it in found if isinstance(it, Object) for part in whole(it)}
    made = [*guard.load.subject, *guard.load.results, *names.at(Site(guard.site.cell, call.start, call.end))]
    return bool(held & {it for it in made if isinstance(it, Object)})
