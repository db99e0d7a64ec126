"""The optimizer was made before the adapter was put in: it holds the frozen base and none of the adapter's parameters.

`get_peft_model` and `add_adapter` make new parameters and freeze those of the base. An optimizer that was given
`model.parameters()` before that keeps the old list: `backward()` fills the adapter's gradients, `step()` passes over
frozen parameters, and the loss stays exactly where it was. Measured with peft 0.12, 0.18 and 0.21: lora_B is zero
after any number of steps, and nothing warns. The same holds for a second adapter that is added and activated after the
optimizer took the parameters of the first: its training changes nothing. To move the model to another device or dtype
afterwards is harmless, torch keeps the parameters.

To mend it, make the optimizer after the wrap, or give it the new parameters with `optimizer.add_param_group`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.histories.trainable import loads, meets, trainable
from adapterlint.knowledge.effects import ACTIVATED, LOADED, MERGED, OPTIMIZED, UNLOADED, WRAPPED
from adapterlint.model import Example, Rule, Severity
from adapterlint.names import Object, literal

if TYPE_CHECKING:
    from adapterlint.model import Finding
    from adapterlint.names import Act, Event, Names

_BASE = """\
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

config = LoraConfig(r=8, task_type="CAUSAL_LM")
model = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
"""
_OPTIMIZE = "optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)\n"
_WRAP = "model = get_peft_model(model, config)\n"
_TRAIN = "for batch in loader:\n    model(**batch).loss.backward()\n    optimizer.step()\n    optimizer.zero_grad()\n"
_SECOND = 'model.add_adapter("legal", config)\nmodel.set_adapter("legal")\n'

RULE = Rule(
    id="optimizer-before-wrap",
    family="source",
    severity=Severity.warning,
    summary="the optimizer is made before the adapter is put in, so it trains none of its parameters",
    why=__doc__,
    references=("https://huggingface.co/docs/peft/developer_guides/troubleshooting",),
    examples=(
        Example(title="made of the base, which the wrap then freezes", cells=(_BASE, _OPTIMIZE, _WRAP, _TRAIN)),
        Example(
            title="a second adapter is added after it",
            cells=(_BASE, _WRAP + _OPTIMIZE + _TRAIN, _SECOND, _TRAIN),
        ),
        Example(title="made after the wrap", fires=0, cells=(_BASE, _WRAP, _OPTIMIZE, _TRAIN)),
        Example(title="made again after the wrap", fires=0, cells=(_BASE, _OPTIMIZE, _WRAP, _OPTIMIZE, _TRAIN)),
        Example(
            title="the new parameters are added",
            fires=0,
            cells=(
                _BASE + _OPTIMIZE + _WRAP,
                'optimizer.add_param_group({"params": [p for p in model.parameters() if p.requires_grad]})\n' + _TRAIN,
            ),
        ),
        Example(
            title="the base is trained first, and wrapped when that is done",
            fires=0,
            cells=(_BASE, _OPTIMIZE, _TRAIN, _WRAP, 'model.save_pretrained("fresh")\n'),
        ),
        Example(
            title="the second adapter is a reference, and the first one is trained",
            fires=0,
            cells=(_BASE, _WRAP + _OPTIMIZE, _SECOND, 'model(**batch)\nmodel.set_adapter("default")\n', _TRAIN),
        ),
        Example(
            title="moved to a device afterwards", fires=0, cells=(_BASE + _WRAP + _OPTIMIZE, "model.cuda()\n" + _TRAIN)
        ),
    ),
)

_FRESH = frozenset({"get_peft_model", "inject_adapter_in_model", "add_adapter"})
_SECOND_ADAPTER = "peft.PeftModel.add_adapter"
_HARMLESS = re.compile(r"torch\.|builtins\.|transformers\.|accelerate\.|.*(scheduler|\.prepare|\.step)$", re.IGNORECASE)


def check(names: Names) -> Iterator[Finding]:
    """Report each wrap after which an optimizer made before it takes a step, and could not have got new parameters."""
    seen = set()
    for act in names.acts(OPTIMIZED):
        for model in (it for it in act.subject if isinstance(it, Object)):
            for wrap in _wraps(act, model, names):
                step = _step(act, wrap, model, names)
                if wrap.site in seen or step is None or names.unfollowed:
                    continue
                seen.add(wrap.site)
                made, used = names.place(act.site, "made here"), names.place(step.site, "the step")
                message = (
                    f"the optimizer made before this (line {made.line}) holds none of the new adapter's parameters, "
                    f"so its step (line {used.line}) does not train the adapter"
                )
                yield RULE.finding(message, names.place(wrap.site), related=(made, used))


def _wraps(made: Act, model: Object, names: Names) -> Iterator[Event]:
    """What puts new parameters into the model after the optimizer was made."""
    history = names.history
    for it in history.events(model, WRAPPED, LOADED):
        act = it.act
        if act is None or not it.sure or not history.before(made, it) or not meets(it, made):
            continue
        fresh = act.call.rpartition(".")[2] in _FRESH or (loads(act) and trainable(act))
        if fresh and (it.kind == WRAPPED or act.call == _SECOND_ADAPTER):
            yield it


def _step(made: Act, wrap: Event, model: Object, names: Names) -> Event | None:
    """The first step after the wrap that surely is this optimizer's, with the new adapter in the model and active."""
    history = names.history
    for value in (it for it in made.results if isinstance(it, Object)):
        for it in value.events:
            if it.kind not in ("member", "passed") or not history.before(wrap, it):
                continue
            last = it.detail.rpartition(".")[2]
            if it.sure and (last == "step" or (it.kind == "passed" and last.endswith("Trainer"))):
                return it if _in_force(wrap, it, model, names) else None
            if it.detail in ("add_param_group", "param_groups") or (
                it.kind == "passed" and not _HARMLESS.match(it.detail)
            ):
                return None
    return None


def _in_force(wrap: Event, step: Event, model: Object, names: Names) -> bool:
    history = names.history
    if any(history.before(wrap, it) and history.before(it, step) for it in history.events(model, MERGED, UNLOADED)):
        return False
    if wrap.act is None or wrap.act.call != _SECOND_ADAPTER:
        return True
    named = [it for it in history.events(model, ACTIVATED) if history.before(wrap, it) and history.before(it, step)]
    if not named or not history.always_before(named[-1], step):
        return False
    return _name(named[-1].act) is not None and _name(named[-1].act) == _name(wrap.act)


def _name(act: Act | None) -> str | None:
    given = act.argument("adapter_name") if act is not None else None
    return literal(given.values) if given is not None else None
