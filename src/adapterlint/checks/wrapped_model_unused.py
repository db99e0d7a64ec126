"""An adapter is loaded into one object, and another one is used.

PEFT puts LoRA layers into the object that is wrapped, so dropping what `get_peft_model` or `PeftModel.from_pretrained`
gives back is harmless as long as that very object is used afterwards. Where it went around another one, a base loaded
inside the call, a deep copy, a local of a method, the adapter is gone with it, and what is used is the untouched base:
measured with peft 0.12, 0.18 and 0.21, the outputs are the base's, and nothing is said.

Soft prompts (prompt tuning, p-tuning, prefix tuning) are not in place at all: they live in the wrapper, so after
`get_peft_model(model, PromptTuningConfig(...))` as a statement `model` has neither the prompt nor a parameter to train.

To mend it, use what comes back, or wrap the object that is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.histories.discarded import Discarded, can_be_bound
from adapterlint.histories.unused import unused
from adapterlint.model import Applicability, Example, Fix, Rule, Severity

if TYPE_CHECKING:
    from adapterlint.histories.unused import Unused
    from adapterlint.model import Finding
    from adapterlint.names import Names

_BASE = """\
import copy

from peft import LoraConfig, PeftModel, PromptTuningConfig, get_peft_model
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
"""
_PROMPT = 'config = PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=8)\n'

RULE = Rule(
    id="wrapped-model-unused",
    family="source",
    severity=Severity.warning,
    summary="an adapter is put around one object, which nothing uses, and another one is run",
    why=__doc__,
    references=("https://huggingface.co/docs/peft/package_reference/peft_model#peft.PeftModel.from_pretrained",),
    examples=(
        Example(
            title="around a base that is loaded inside the call",
            cells=(
                _BASE,
                'name = "meta-llama/Llama-3.2-1B"\nmodel = AutoModelForCausalLM.from_pretrained(name)\n'
                'PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(name), "adapters/a")\n',
                "print(model.generate(**inputs))\n",
            ),
        ),
        Example(
            title="around a copy, which nothing reads",
            cells=(
                _BASE,
                'tuned = PeftModel.from_pretrained(copy.deepcopy(model), "adapters/a")\ntuned.eval()\n',
                "print(model.generate(**inputs))\n",
            ),
        ),
        Example(
            title="a soft prompt that is dropped",
            cells=(_BASE, _PROMPT, "get_peft_model(model, config)\nmodel.train()\n"),
            fixed=(_BASE, _PROMPT, "model = get_peft_model(model, config)\nmodel.train()\n"),
        ),
        Example(
            title="the object that is used is the one that was wrapped",
            fires=0,
            cells=(_BASE, 'PeftModel.from_pretrained(model, "adapters/a")\n', "print(model.generate(**inputs))\n"),
        ),
        Example(
            title="both are used",
            fires=0,
            cells=(
                _BASE,
                'tuned = PeftModel.from_pretrained(copy.deepcopy(model), "adapters/a")\n',
                "print(model.generate(**inputs))\nprint(tuned.generate(**inputs))\n",
            ),
        ),
        Example(
            title="returned to a caller that is not seen",
            fires=0,
            cells=(
                _BASE,
                "def tuned(path):\n    return PeftModel.from_pretrained(copy.deepcopy(model), path)\n",
                "print(model.generate(**inputs))\n",
            ),
        ),
        Example(
            title="kept as an attribute",
            fires=0,
            cells=(
                _BASE,
                "class Judge:\n    def __init__(self, path):\n"
                "        self.tuned = PeftModel.from_pretrained(copy.deepcopy(model), path)\n",
                'judge = Judge("adapters/a")\nprint(model.generate(**inputs))\n',
            ),
        ),
    ),
)


def check(names: Names) -> Iterator[Finding]:
    """Report each wrap that comes to nothing."""
    for it in () if names.unfollowed else unused(names):
        place, short = names.place(it.site), it.act.call.removesuffix(".from_pretrained").rpartition(".")[2]
        if it.instead is None:
            message = f"what {short} gives back is dropped, and a soft prompt leaves the model itself as it is"
            yield RULE.finding(message, place, fix=_fix(it, names))
            continue
        instead = names.place(it.instead.site, "this one has no adapter")
        message = f"nothing uses the model that the adapter is put into, and another one is run (line {instead.line})"
        yield RULE.finding(message, place, related=(instead,))


def _fix(it: Unused, names: Names) -> Fix | None:
    given = it.act.argument("model")
    if given is None or not it.act.dropped:
        return None
    name = names.cell(given.site).text[given.site.start : given.site.end]
    if not can_be_bound(Discarded(it.act, name, None)):
        return None
    edit = names.edit(it.act.site._replace(end=it.act.site.start), f"{name} = ")
    note = "what is run afterwards is the PeftModel"
    return Fix("bind the model that comes back", Applicability.unsafe, (edit,), note)
