"""`model.unload()` gives the base back; as a statement it leaves a PeftModel without an adapter under the old name.

`PeftModel.unload()` takes the layers out in place and returns the model inside. Where the result is dropped, the name
still holds the PeftModel, which now computes what the base computes. To use it as the base is harmless. To wrap it
again is not: `get_peft_model(model, config)` puts a PeftModel around a PeftModel, trains well, and saves keys that
begin with `base_model.model.base_model.model.`, which match nothing when they are loaded around a clean base;
`PeftModel.from_pretrained(model, path)` around it loads nothing. `model.save_pretrained` afterwards writes an adapter
file without a tensor. Measured with peft 0.12, 0.18 and 0.21; only the load around it warns, from 0.18 on.

To mend it, bind what comes back: `base = model.unload()`, and wrap that.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.histories.discarded import binding, discarded
from adapterlint.knowledge.effects import SAVED, WRAPPED
from adapterlint.model import Example, Rule, Severity

if TYPE_CHECKING:
    from adapterlint.model import Finding
    from adapterlint.names import Names

_LOAD = """\
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
model = PeftModel.from_pretrained(base, "adapters/first")
print(model.generate(**inputs))
"""
_AGAIN = 'model = PeftModel.from_pretrained(model, "adapters/second")\n'

RULE = Rule(
    id="unload-result-discarded",
    family="source",
    severity=Severity.warning,
    summary="the base that unload() gives back is dropped, and the emptied PeftModel is wrapped or saved",
    why=__doc__,
    references=("https://huggingface.co/docs/peft/package_reference/lora#peft.LoraModel.unload",),
    examples=(
        Example(
            title="the next adapter is put around the PeftModel",
            cells=(_LOAD, "model.unload()\n", _AGAIN),
            fixed=(_LOAD, "model = model.unload()\n", _AGAIN),
        ),
        Example(
            title="the emptied PeftModel is saved",
            cells=(_LOAD, 'model.unload()\nmodel.save_pretrained("restored")\n'),
            fixed=(_LOAD, 'model = model.unload()\nmodel.save_pretrained("restored")\n'),
        ),
        Example(title="what comes back is wrapped", fires=0, cells=(_LOAD, "model = model.unload()\n", _AGAIN)),
        Example(
            title="the base has a name of its own",
            fires=0,
            cells=(_LOAD, 'model.unload()\nmodel = PeftModel.from_pretrained(base, "adapters/second")\n'),
        ),
        Example(
            title="only run afterwards, as the base that it is",
            fires=0,
            cells=(_LOAD, "model.unload()\nmodel(**inputs)\n"),
        ),
        Example(
            title="another adapter is loaded into it and activated",
            fires=0,
            cells=(_LOAD, 'model.unload()\nmodel.load_adapter("adapters/second", "b")\nmodel.set_adapter("b")\n'),
        ),
    ),
)

_FIX = (
    "bind the base that unload() gives back",
    "assumes that no other name of the PeftModel is used afterwards",
)


def check(names: Names) -> Iterator[Finding]:
    """Report each statement after which the emptied PeftModel is wrapped or saved."""
    for it in discarded(names, "peft.PeftModel.unload", WRAPPED, SAVED):
        if it.later is None:
            continue
        owner = it.owner or "the model"
        wrapped = it.later.kind == WRAPPED
        becomes = "is wrapped a second time" if wrapped else "is saved as an adapter without tensors"
        place = names.place(it.later.site, "wrapped here" if wrapped else "saved here")
        message = f"the base that unload() gives back is dropped, and {owner}, still a PeftModel, {becomes}"
        yield RULE.finding(
            f"{message} (line {place.line})", names.place(it.act.site), related=(place,), fix=binding(it, names, *_FIX)
        )
