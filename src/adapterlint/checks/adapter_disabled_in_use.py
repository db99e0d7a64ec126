"""An adapter is loaded, and every forward pass of the source runs while it is switched off.

`disable_adapter_layers()`, `disable_adapters()` of a transformers model and `with model.disable_adapter():` are how a
baseline is measured with the adapted model. The layers stay off until `enable_adapter_layers()` (`enable_adapters()`)
or the end of the block. Not `eval()`, not `train()`, and not `set_adapter()` after a further `load_adapter()` switches
them on again: measured with peft 0.12, 0.18 and 0.21, the outputs after `set_adapter` are the base's. So the numbers
that are meant as the adapter's are the baseline's once more, and nothing says so.

A source that measures only its baseline this way and runs the adapter elsewhere is not told from the fault by its code;
this rule speaks only where the model is not handed on to anything unseen.

To mend it, switch the layers on again before the adapter's own run, or move that run out of the block.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.knowledge.effects import DISABLED, ENABLED, EVALUATED, TRAINED, USED, WRAPPED
from adapterlint.model import Example, Rule, Severity
from adapterlint.names import Object

if TYPE_CHECKING:
    from adapterlint.model import Finding
    from adapterlint.names import Event, Names, Site

_LOAD = """\
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
model = PeftModel.from_pretrained(base, "adapters/support")
"""

RULE = Rule(
    id="adapter-disabled-in-use",
    family="source",
    severity=Severity.warning,
    summary="an adapter is loaded, and the model runs only while it is switched off",
    why=__doc__,
    references=("https://huggingface.co/docs/peft/package_reference/lora#peft.LoraModel.disable_adapter_layers",),
    examples=(
        Example(
            title="switched off for the baseline, and never on again",
            cells=(
                _LOAD,
                "model.disable_adapter_layers()\nbaseline = model(**batch).loss\n",
                "tuned = model(**batch).loss\n",
            ),
        ),
        Example(
            title="both runs stand inside the block",
            cells=(
                _LOAD,
                "with model.disable_adapter():\n    baseline = model(**batch).loss\n    tuned = model(**batch).loss\n",
            ),
        ),
        Example(
            title="switched on again",
            fires=0,
            cells=(
                _LOAD,
                "model.disable_adapter_layers()\nbaseline = model(**batch).loss\nmodel.enable_adapter_layers()\n",
                "tuned = model(**batch).loss\n",
            ),
        ),
        Example(
            title="only the baseline stands inside the block",
            fires=0,
            cells=(
                _LOAD,
                "with model.disable_adapter():\n    baseline = model(**batch).loss\ntuned = model(**batch).loss\n",
            ),
        ),
        Example(
            title="handed to a function that is not seen",
            fires=0,
            cells=(_LOAD, "with model.disable_adapter():\n    baseline = model(**batch).loss\nreport(model)\n"),
        ),
    ),
)

_BLOCK = "peft.PeftModel.disable_adapter"
_RUNS = (USED, EVALUATED, TRAINED)
_LEAVES = ("returned", "kept", "stored")


def check(names: Names) -> Iterator[Finding]:
    """Report each loaded model whose runs are all made without its adapter, where it is switched off for the last."""
    seen = set()
    for wrap in names.acts(WRAPPED):
        for model in (it for it in wrap.subject if isinstance(it, Object) and wrap.adapter):
            run, off = None, None
            for run in names.history.since(wrap, model, *_RUNS):
                off = _off(run, model, names)
                if off is None:
                    break
            if run is None or off is None or off in seen or _goes_on(model, names) or names.unfollowed:
                continue
            seen.add(off)
            message = "every run of the model in this source is made while its adapter is switched off"
            yield RULE.finding(message, names.place(off), related=[names.place(run.site, "the last run")])


def _off(run: Event, model: Object, names: Names) -> Site | None:
    """Where the layers are surely switched off for this run, None where they may be on."""
    history = names.history
    if run.kind == TRAINED:
        return None  # training switches on what it needs, or fails
    for context in run.where.contexts:
        if any(isinstance(it, Object) and it.made is not None and it.made.call == _BLOCK for it in context.values):
            return context.site
    for it in history.until(run, model, DISABLED, ENABLED):
        if it.act is None or it.act.call == _BLOCK:
            continue
        if it.kind == ENABLED:
            return None
        if it.sure and history.always_before(it, run):
            return it.site
    return None


def _goes_on(model: Object, names: Names) -> bool:
    """Whether the model is given to something that may run it unseen."""
    return bool(names.history.events(model, *_LEAVES) or names.history.doubt(model))
