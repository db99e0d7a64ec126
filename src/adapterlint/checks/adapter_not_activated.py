"""`PeftModel.load_adapter` puts an adapter beside the one that is active, and nothing activates it.

A PeftModel has one active adapter, the one it was made with, until `set_adapter` names another. `load_adapter(path,
"second")` reads the weights, says nothing, and every forward pass goes on with the first; where the first came fresh
from `get_peft_model` that is the base to the last bit. Measured with peft 0.12, 0.18 and 0.21. `merge_and_unload()`
without `adapter_names` merges the first as well, `add_weighted_adapter` makes a mixture and leaves the first active,
and `model.active_adapter = "second"` is an attribute like any other and does nothing.

`load_adapter` of a transformers model and of a SentenceTransformer is another method: it activates what it loads.

To mend it, call `model.set_adapter("second")` before the model is used. To choose per call, give `adapter_names` to
the forward pass or to `generate`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.knowledge.effects import ACTIVATED, DELETED, EVALUATED, MERGED, UNLOADED, USED, WRAPPED
from adapterlint.model import Applicability, Example, Fix, Rule, Severity
from adapterlint.names import Object, literal

if TYPE_CHECKING:
    from adapterlint.model import Finding
    from adapterlint.names import Act, Event, Names

_LOAD = """\
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
model = PeftModel.from_pretrained(base, "adapters/support")
"""
_SECOND = 'model.load_adapter("adapters/legal", adapter_name="legal")\n'
_RUN = "answer = model.generate(**inputs)\n"

RULE = Rule(
    id="adapter-not-activated",
    family="source",
    severity=Severity.warning,
    summary="a further adapter is loaded into a PeftModel and never activated, so the first one answers",
    why=__doc__,
    references=("https://huggingface.co/docs/peft/package_reference/peft_model#peft.PeftModel.load_adapter",),
    examples=(
        Example(
            title="the first adapter answers for the second",
            cells=(_LOAD, _SECOND, _RUN),
            fixed=(_LOAD, f'{_SECOND}model.set_adapter("legal")\n', _RUN),
        ),
        Example(
            title="over a fresh adapter, which is the base",
            cells=(
                "from peft import LoraConfig, get_peft_model\nfrom transformers import AutoModelForCausalLM\n\n"
                'base = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")\n'
                "model = get_peft_model(base, LoraConfig(r=8))\n",
                _SECOND + _RUN,
            ),
        ),
        Example(title="merged without its name", cells=(_LOAD, _SECOND, "merged = model.merge_and_unload()\n")),
        Example(title="activated", fires=0, cells=(_LOAD, _SECOND, 'model.set_adapter("legal")\n', _RUN)),
        Example(
            title="chosen for each call",
            fires=0,
            cells=(_LOAD, _SECOND, 'answer = model.generate(**inputs, adapter_names=["legal", "default"])\n'),
        ),
        Example(
            title="the active one is loaded again",
            fires=0,
            cells=(_LOAD, 'model.load_adapter("adapters/legal", adapter_name="default")\n', _RUN),
        ),
        Example(
            title="load_adapter of a transformers model activates",
            fires=0,
            cells=(
                "from transformers import AutoModelForCausalLM\n\n"
                'model = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")\n'
                'model.load_adapter("adapters/support")\n',
                _SECOND + _RUN,
            ),
        ),
        Example(title="given to a function that is not seen", fires=0, cells=(_LOAD, _SECOND, "serve(model)\n", _RUN)),
    ),
)

_LOADS = ("peft.PeftModel.load_adapter", "peft.PeftModel.add_weighted_adapter")
_ACTIVATING = (ACTIVATED, DELETED, UNLOADED)
_BY_NAME = ("adapter_names", "adapters")


def check(names: Names) -> Iterator[Finding]:
    """Report each further adapter that is loaded where nothing ever activates one and the model is used."""
    seen = set()
    for act in names.calls(*_LOADS):
        models = [it for it in act.subject if isinstance(it, Object)]
        if act.site in seen or len(models) != len(act.subject):
            continue
        uses = [_use(act, model, names) for model in models]
        if not uses or any(use is None for use in uses) or _loads_over_the_first(act, models, names):
            continue
        seen.add(act.site)
        name = literal(argument.values) if (argument := act.argument("adapter_name")) else None
        what = f"the adapter {name!r}" if name is not None else "the adapter"
        place = names.place(uses[0].site) if uses[0] is not None else None
        message = f"{what} is loaded beside the active one and never activated, so the first one answers"
        line = f" (line {place.line})" if place is not None else ""
        related = (place,) if place is not None else ()
        yield RULE.finding(message + line, names.place(act.site), related=related, fix=_fix(act, uses[0], names))


def _loads_over_the_first(act: Act, models: list[Object], names: Names) -> bool:
    """Whether the adapter takes the place of the one that is active."""
    given = act.argument("adapter_name")
    if given is None:
        return False
    name = literal(given.values)
    for wrap in (it.made for model in models for it in names.history.family(model) if it.made is not None):
        if wrap.kind == WRAPPED:
            first = wrap.argument("adapter_name")
            if name is not None and name == ("default" if first is None else literal(first.values)):
                return True
    return False


def _use(act: Act, model: Object, names: Names) -> Event | None:
    """The first use of the model with the wrong adapter; None where there is none, or something may activate it."""
    history = names.history
    if names.unfollowed or history.events(model, *_ACTIVATING) or history.doubt(model):
        return None
    uses = [it for it in history.since(act, model, USED, EVALUATED, MERGED) if history.before(act, it)]
    if any(it.act is not None and _names_adapters(it.act) for it in uses):
        return None
    return uses[0] if uses else None


def _names_adapters(act: Act) -> bool:
    """Whether the call says itself which adapters it is for."""
    positional = act.kind == MERGED and any(not it.keyword for it in act.arguments)
    return positional or any(act.argument(name) for name in _BY_NAME)


def _fix(act: Act, use: Event | None, names: Names) -> Fix | None:
    """`set_adapter` in a line of its own after the load, where whoever comes to the use has come through the load."""
    function = act.node.field("function") if act.node is not None else None
    owner = function.field("object") if function is not None else None
    named = act.argument("adapter_name")
    if owner is None or named is None or use is None or not act.dropped:
        return None
    text = names.cell(act.site).text
    start = text.rfind("\n", 0, act.site.start) + 1
    indent = text[start : act.site.start]
    straight = act.where.functions == use.where.functions and names.history.always_before(act, use)
    if indent.strip() or act.where.turns or not straight or not owner.text().replace(".", "").isidentifier():
        return None
    newline = "\r\n" if "\r\n" in text else "\n"
    name = names.cell(named.site).text[named.site.start : named.site.end]
    after = act.site._replace(start=act.site.end)
    edit = names.edit(after, f"{newline}{indent}{owner.text()}.set_adapter({name})")
    return Fix("activate the adapter that is loaded", Applicability.unsafe, (edit,), "what runs after it runs with it")
