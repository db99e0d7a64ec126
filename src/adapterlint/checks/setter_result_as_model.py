"""What a setter gives back takes the model's name: a report of keys, or None, and the model is gone.

`set_peft_model_state_dict`, `load_state_dict` and `PeftModel.load_adapter` change the model in place and return a
report with `missing_keys` and `unexpected_keys`. `set_adapter`, `add_adapter`, `delete_adapter`, `merge_adapter`,
`unmerge_adapter`, `enable_input_require_grads`, `gradient_checkpointing_enable` and the `load_adapter` of transformers
and sentence-transformers return nothing. `model = set_peft_model_state_dict(model, weights)` binds that in place of
the model, and the next use of it raises an AttributeError or a TypeError far from here, in a notebook perhaps cells
later. PEFT 0.2 did return the model, and scripts from that time are still copied; since 0.3 no version does.

`eval()`, `train()`, `to(...)`, `requires_grad_()` and `inject_adapter_in_model` do return the model.

To mend it, call the setter as a statement, or give the report a name of its own and look at `unexpected_keys`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.artifacts.environment import version_of
from adapterlint.histories.outcomes import as_model, asked, climbed, read_later, reports, target_of
from adapterlint.knowledge.models import PEFT_MODEL, PRETRAINED, SENTENCE_TRANSFORMER
from adapterlint.model import Applicability, Example, Fix, Rule, Severity

if TYPE_CHECKING:
    from adapterlint.artifacts.source import Source
    from adapterlint.model import Finding, Run
    from adapterlint.names import Act, Event, Names, Site

_LOAD = """\
import torch
from peft import LoraConfig, PeftModel, get_peft_model, set_peft_model_state_dict
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
model = get_peft_model(base, LoraConfig(r=8, task_type="CAUSAL_LM"))
"""
_READ = 'weights = torch.load("checkpoint/adapter_model.bin", weights_only=True)\n'
_SET = "set_peft_model_state_dict(model, weights)\n"

RULE = Rule(
    id="setter-result-as-model",
    family="source",
    severity=Severity.error,
    summary="the report or None that a setter gives back takes the model's place",
    why=__doc__,
    references=(
        "https://github.com/tloen/alpaca-lora/issues/316",
        "https://github.com/huggingface/peft/issues/1323",
    ),
    examples=(
        Example(
            title="resumed as PEFT 0.2 allowed",
            cells=(_LOAD, f"{_READ}model = {_SET}", "model.print_trainable_parameters()\n"),
            fixed=(_LOAD, f"{_READ}{_SET}", "model.print_trainable_parameters()\n"),
        ),
        Example(
            title="None from set_adapter",
            cells=(
                _LOAD,
                'model.load_adapter("adapters/support", "support")\nmodel = model.set_adapter("support")\n',
                "answer = model.generate(**inputs)\n",
            ),
            fixed=(
                _LOAD,
                'model.load_adapter("adapters/support", "support")\nmodel.set_adapter("support")\n',
                "answer = model.generate(**inputs)\n",
            ),
        ),
        Example(
            title="returned by a helper and used as the model",
            cells=(
                _LOAD,
                "def restored(net, path):\n    return net.load_state_dict(torch.load(path, weights_only=True))\n",
                'tuned = restored(model, "state.pt")\nanswer = tuned.generate(**inputs)\n',
            ),
        ),
        Example(title="a statement", fires=0, cells=(_LOAD, f"{_READ}{_SET}", "model.eval()\n")),
        Example(
            title="the report has a name of its own",
            fires=0,
            cells=(_LOAD, f"{_READ}report = {_SET}assert not report.unexpected_keys\n"),
        ),
        Example(
            title="a helper's parameter, not read again",
            fires=0,
            cells=(
                _LOAD,
                f"def fill(model, weights):\n    model = {_SET}",
                f"{_READ}fill(model, weights)\nanswer = model.generate(**inputs)\n",
            ),
        ),
        Example(
            title="these return the model",
            fires=0,
            cells=(_LOAD, 'model = model.to("cuda").eval()\nanswer = model.generate(**inputs)\n'),
        ),
        Example(
            title="PEFT 0.2 returned the model",
            fires=0,
            cells=(_LOAD, f"{_READ}model = {_SET}", "answer = model.generate(**inputs)\n"),
            versions={"peft": "0.2.0"},
        ),
    ),
)

_FILL = "peft.set_peft_model_state_dict"
_REPORTS = (_FILL, "torch.nn.Module.load_state_dict", f"{PEFT_MODEL}.load_adapter")
_NAMES = (
    *("set_adapter", "add_adapter", "delete_adapter", "load_adapter", "merge_adapter", "unmerge_adapter"),
    *("enable_adapters", "disable_adapters", "enable_adapter_layers", "disable_adapter_layers"),
    *("add_weighted_adapter", "enable_input_require_grads", "gradient_checkpointing_enable"),
    "print_trainable_parameters",
)
_SETTERS = {*_REPORTS, *(f"{it}.{name}" for it in (PEFT_MODEL, PRETRAINED, SENTENCE_TRANSFORMER) for name in _NAMES)}
_NOTHING = {f"{PRETRAINED}.load_adapter": "no more than a record of the load"}  # from transformers 5.0; before, None
_RETURNED_THE_MODEL_BEFORE = "0.3"


def check(source: Source, names: Names, run: Run) -> Iterator[Finding]:
    """Report each setter whose result is bound to the model's own name, or is used as a model."""
    seen: set[Site] = set()
    for act in names.calls(*_SETTERS):
        if act.site in seen or act.node is None or act.dropped or not act.subject:
            continue
        told = _rebound(act, names) or _used(act, names)
        if told is None or (act.call == _FILL and _returned_the_model(source, run)):
            continue
        seen.add(act.site)
        name, later = told
        what = "a report of keys" if act.call in _REPORTS else _NOTHING.get(act.call, "None")
        setter = act.call.rpartition(".")[2]
        place = names.place(later) if later is not None else None
        where = f" (line {place.line})" if place is not None else ""
        message = f"{setter} returns {what}, not the model, and {name}{where}"
        related = () if place is None else (place,)
        yield RULE.finding(message, names.place(act.site), related=related, fix=_fix(act, names))


def _returned_the_model(source: Source, run: Run) -> bool:
    peft = version_of("peft", source.path, source.pip_lines, run.versions, run.kernel)
    return peft.always_below(_RETURNED_THE_MODEL_BEFORE)


def _rebound(act: Act, names: Names) -> tuple[str, Site | None] | None:
    """Whether the model's own name is bound to the result and may be read afterwards."""
    node = climbed(act.node)
    target = target_of(node)
    name = _model_of(act, names)
    if node is None or target is None or not name or target.text() != name or any(map(asked, reports(act))):
        return None
    return (f"it is bound to {name}", None) if read_later(name, node) else None


def _model_of(act: Act, names: Names) -> str:
    """The model as the call names it: `self.model` in `self.model.set_adapter("b")`."""
    given = act.argument("model") if act.call == _FILL else None
    if given is not None:
        return names.cell(given.site).masked[given.site.start : given.site.end]
    function = act.node.field("function") if act.node is not None else None
    owner = function.field("object") if function is not None else None
    return owner.text() if owner is not None else ""


def _used(act: Act, names: Names) -> tuple[str, Site | None] | None:
    """What is done to the report that only a model can do, or the model's name that a caller gives it."""
    for report in reports(act):
        event = as_model(report, names)
        if event is not None:
            return "it is used as the model", event.site
        for it in report.events:
            if it.kind == "bound" and it.sure and not asked(report) and _from_a_helper(it, act):
                return f"{it.detail} is bound to it", it.site
    return None


def _from_a_helper(event: Event, act: Act) -> bool:
    """Whether a caller binds what a helper returned to the name of the very model that it gave the helper."""
    for call in act.where.calls:
        target = target_of(climbed(call))
        listed = call.field("arguments") if call is not None else None
        if target is None or listed is None or target.text() != event.detail:
            continue
        if any(it.text() == event.detail for it in listed.named_children()):
            return True
    return False


def _fix(act: Act, names: Names) -> Fix | None:
    """The setter as a statement, where it is the whole right side of `model = …`."""
    node, target = act.node, target_of(act.node)
    assignment = node.parent() if node is not None else None
    if node is None or target is None or assignment is None or target.text() != _model_of(act, names):
        return None
    statement, start = assignment.parent(), assignment.range().start
    if statement is None or statement.kind() != "expression_statement" or start.line != node.range().start.line:
        return None
    edit = names.edit(act.site._replace(start=start.index, end=act.site.start), "")
    return Fix(f"leave {target.text()} the model that it is", Applicability.safe, (edit,))
