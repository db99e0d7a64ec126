"""The saved config is read, `get_peft_model` builds layers to it, and the saved weights are never read.

`PeftConfig.from_pretrained(path)` reads `adapter_config.json` alone. `get_peft_model(model, config)` then makes a new
adapter of that rank and those targets: for LoRA its lora_B is zero, so the model computes exactly what the base
computes, prints a plausible number of parameters, and nothing is said. PEFT's troubleshooting page calls it a common
error. Measured with peft 0.12, 0.18 and 0.21: largest difference to the base 0.0.

To train a new adapter of the same shape is right, and so is to read the weights afterwards with `load_adapter`,
`set_peft_model_state_dict` or `load_state_dict`: this rule is silent there, and where the model is handed on to code
that is not seen.

To mend it, let one call do both: `model = PeftModel.from_pretrained(model, path)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.knowledge.effects import (
    ACTIVATED,
    EVALUATED,
    FILLED,
    LOADED,
    MERGED,
    MODE,
    OPTIMIZED,
    PREPARED,
    TRAINED,
    USED,
    WRAPPED,
)
from adapterlint.model import Applicability, Example, Fix, Rule, Severity
from adapterlint.names import Object

if TYPE_CHECKING:
    from adapterlint.artifacts.source import Source
    from adapterlint.model import Finding
    from adapterlint.names import Act, Event, Names

_LOAD = """\
from peft import PeftConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM

config = PeftConfig.from_pretrained("adapters/support")
base = AutoModelForCausalLM.from_pretrained(config.base_model_name_or_path)
"""
_WRAP = "model = get_peft_model(base, config)\n"
_RUN = "answer = model.generate(**inputs)\n"

RULE = Rule(
    id="fresh-adapter-as-loaded",
    family="source",
    severity=Severity.error,
    summary="an adapter's config is read and wrapped anew with get_peft_model, and its weights are never read",
    why=__doc__,
    references=("https://huggingface.co/docs/peft/developer_guides/troubleshooting",),
    examples=(
        Example(
            title="the answers are the base's",
            cells=(_LOAD, _WRAP, _RUN),
            fixed=(_LOAD, 'model = PeftModel.from_pretrained(base, "adapters/support")\n', _RUN),
        ),
        Example(
            title="loaded",
            fires=0,
            cells=(_LOAD, 'model = PeftModel.from_pretrained(base, "adapters/support")\n', _RUN),
        ),
        Example(
            title="the weights are read afterwards",
            fires=0,
            cells=(_LOAD, f'{_WRAP}model.load_adapter("adapters/support", "default")\n', _RUN),
        ),
        Example(
            title="trained anew with the same shape",
            fires=0,
            cells=(_LOAD, _WRAP, "model(**batch).loss.backward()\n", _RUN),
        ),
        Example(title="handed on to code that is not seen", fires=0, cells=(_LOAD, _WRAP, "train(model)\n", _RUN)),
    ),
)

_MAKES = ("peft.get_peft_model", "peft.PeftModel")
_EVAL = "torch.nn.Module.eval"
_READS = (LOADED, FILLED, TRAINED, OPTIMIZED, ACTIVATED, PREPARED)
_IMPORT = re.compile(r"^from peft\b[^\n]*\bimport\b[^\n]*\bPeftModel\b(?! as)", re.MULTILINE)


def check(source: Source, names: Names) -> Iterator[Finding]:
    """Report each wrap with a saved config where the model runs and nothing may have read or trained its weights."""
    seen = set()
    for act in names.calls(*_MAKES):
        config = _saved_config(act)
        models = [it for it in act.results if isinstance(it, Object)]
        if act.site in seen or config is None or not models or names.unfollowed:
            continue
        uses = [_use(act, model, names) for model in models]
        first = uses[0]
        if first is None or any(use is None for use in uses):
            continue
        seen.add(act.site)
        read, use = names.place(config.site, "only the config is read"), names.place(first.site)
        message = (
            f"a fresh adapter is made from the saved config (line {read.line}) and its weights are never read, "
            f"so the model runs as the base (line {use.line})"
        )
        yield RULE.finding(message, names.place(act.site), related=(read, use), fix=_fix(act, config, source, names))


def _saved_config(act: Act) -> Act | None:
    """The call that read the config, if the config can come from nowhere else."""
    given = act.argument("peft_config")
    made = [it.made if isinstance(it, Object) else None for it in given.values] if given is not None else []
    for it in made:
        if it is None or not re.fullmatch(r"peft\.\w*Config\.from_pretrained", it.call):
            return None
    return made[0] if made else None


def _use(act: Act, model: Object, names: Names) -> Event | None:
    """The first run of the model, or the `eval()` before it; None if there is none or the weights may have come in."""
    history = names.history
    if history.events(model, *_READS) or history.doubt(model) or _wrapped_again(model, names):
        return None
    uses = [it for it in history.events(model, USED, EVALUATED, MERGED, MODE) if it.sure and history.before(act, it)]
    return next((it for it in uses if it.kind != MODE or (it.act and it.act.call == _EVAL)), None)


def _wrapped_again(model: Object, names: Names) -> bool:
    return len({it.site for it in names.history.events(model, WRAPPED)}) > 1


def _fix(act: Act, config: Act, source: Source, names: Names) -> Fix | None:
    """`PeftModel.from_pretrained` with the path as written, where that is a literal and the class is imported."""
    listed = config.node.field("arguments") if config.node is not None else None
    given = act.node.field("arguments") if act.node is not None else None
    if listed is None or given is None or len(act.arguments) != 2 or any(it.keyword for it in act.arguments):
        return None
    paths = listed.named_children()
    here = names.cell(act.site)
    imported = any(_IMPORT.search(cell.text) for cell in (source.cells if here in source.cells else (here,)))
    if len(paths) != 1 or paths[0].kind() != "string" or not imported:
        return None
    base = given.named_children()[0].text()
    edit = names.edit(act.site, f"PeftModel.from_pretrained({base}, {paths[0].text()})")
    return Fix("load the saved adapter", Applicability.unsafe, (edit,), "loads it frozen, to be used and not trained")
