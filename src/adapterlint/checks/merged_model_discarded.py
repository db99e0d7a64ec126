"""`model.merge_and_unload()` merges in place and gives the merged model back; the old name keeps an empty PeftModel.

As a statement it works by luck: the PeftModel under the old name has no layers left, and to run it runs the merged
model. What does not work is everything a PeftModel does for its adapter. `model.save_pretrained(folder)` writes an
`adapter_model.safetensors` of 40 bytes with no tensor in it and no merged model at all; whoever loads the folder gets
the base, and nothing is said on either side. `model.load_adapter(other)` puts the other adapter on top of the merged
weights, and a second wrap goes around the PeftModel. Measured with peft 0.12, 0.18 and 0.21.

To mend it, bind what comes back, `model = model.merge_and_unload()`, and save, load and use that. Where the adapter
is to come out again, `model.merge_adapter()` and `model.unmerge_adapter()` keep it apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.histories.discarded import binding, discarded
from adapterlint.knowledge.effects import LOADED, SAVED, WRAPPED
from adapterlint.model import Example, Rule, Severity

if TYPE_CHECKING:
    from adapterlint.model import Finding
    from adapterlint.names import Names

_LOAD = """\
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
model = PeftModel.from_pretrained(base, "adapters/support")
"""

RULE = Rule(
    id="merged-model-discarded",
    family="source",
    severity=Severity.error,
    summary="the merged model that merge_and_unload() gives back is dropped, and the emptied PeftModel goes on",
    why=__doc__,
    references=("https://huggingface.co/docs/peft/package_reference/lora#peft.LoraModel.merge_and_unload",),
    examples=(
        Example(
            title="the emptied PeftModel is saved",
            cells=(_LOAD, 'model.merge_and_unload()\nmodel.save_pretrained("merged")\n'),
            fixed=(_LOAD, 'model = model.merge_and_unload()\nmodel.save_pretrained("merged")\n'),
        ),
        Example(
            title="the next adapter comes on top of the merged weights",
            severity=Severity.warning,
            cells=(_LOAD, 'model.merge_and_unload()\nmodel.load_adapter("adapters/legal", "legal")\n'),
        ),
        Example(
            title="only run, which works because the merge is in place",
            severity=Severity.hint,
            cells=(_LOAD, "model.merge_and_unload()\nmodel.generate(**inputs)\n"),
        ),
        Example(
            title="the merged model is saved",
            fires=0,
            cells=(_LOAD, 'model = model.merge_and_unload()\nmodel.save_pretrained("merged")\n'),
        ),
        Example(
            title="merged and unmerged in place",
            fires=0,
            cells=(_LOAD, "model.merge_adapter()\nmodel.generate(**inputs)\nmodel.unmerge_adapter()\n"),
        ),
    ),
)
_THEN = {
    SAVED: (Severity.error, "save_pretrained (line {line}) writes an adapter without tensors and no merged model"),
    LOADED: (Severity.warning, "load_adapter (line {line}) puts the next adapter on top of the merged weights"),
    WRAPPED: (Severity.warning, "the next wrap (line {line}) goes around the emptied PeftModel"),
}

_FIX = (
    "bind the merged model",
    "what is saved afterwards is the whole merged model, not an adapter",
)


def check(names: Names) -> Iterator[Finding]:
    """Report each statement, as what the emptied PeftModel is used for makes of it."""
    for it in discarded(names, "peft.PeftModel.merge_and_unload", SAVED, LOADED, WRAPPED):
        owner, here = it.owner or "the model", names.place(it.act.site)
        said = f"the merged model that merge_and_unload() gives back is dropped, and {owner} stays a PeftModel"
        if it.later is None:
            message = f"{said} without layers, which works only because the merge is in place"
            yield RULE.finding(message, here, severity=Severity.hint)
            continue
        severity, then = _THEN[it.later.kind]
        place = names.place(it.later.site)
        fix = binding(it, names, *_FIX) if it.later.kind == SAVED else None
        message = f"{said} without layers: {then.format(line=place.line)}"
        yield RULE.finding(message, here, severity=severity, related=(place,), fix=fix)
