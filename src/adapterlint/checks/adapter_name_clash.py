"""An adapter is named like a part of its own keys, and PEFT before 0.18 cuts that part out when it saves.

Up to 0.17 `save_pretrained` takes the adapter's name out of a key by replacing `.NAME` wherever it stands. With the
name `lora` the key `….q_proj.lora_A.lora.weight` becomes `….q_proj_A.weight`; with `model` or `weight` other parts
go. The file that is written matches nothing: loaded again, the model is the base, and nothing is said. Measured with
peft 0.12 for `lora`, `lora_`, `l`, `lora_A`, `weight` and `model`; read in the source of every release from 0.3 to
0.17. From 0.18 on the name is taken off the end alone, and all of these load as trained.

To load a folder under such a name is harmless on every version; only saving is not.

To mend it, choose a name that is no beginning of `lora_A`, `lora_B`, `model` or `weight`, or leave it out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.artifacts.environment import version_of
from adapterlint.knowledge.effects import LOADED, SAVED, WRAPPED
from adapterlint.model import Example, Rule, Severity
from adapterlint.names import Object, literal

if TYPE_CHECKING:
    from adapterlint.artifacts.source import Source
    from adapterlint.model import Finding, Run
    from adapterlint.names import Act, Names, Site

_LOAD = """\
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
"""
_SAVE = 'model(**batch).loss.backward()\nmodel.save_pretrained("adapters/support")\n'
_OLD = {"peft": "0.12.0"}

RULE = Rule(
    id="adapter-name-clash",
    family="source",
    severity=Severity.warning,
    summary="an adapter is named like a part of its keys, which PEFT before 0.18 cuts out when it saves",
    why=__doc__,
    references=("https://github.com/huggingface/peft/issues/2699",),
    examples=(
        Example(
            title="called lora",
            cells=(_LOAD, 'model = get_peft_model(base, LoraConfig(r=8), adapter_name="lora")\n', _SAVE),
            versions=_OLD,
        ),
        Example(
            title="on a version that nothing names",
            severity=Severity.hint,
            cells=(_LOAD, 'model = get_peft_model(base, LoraConfig(r=8), adapter_name="model")\n', _SAVE),
        ),
        Example(
            title="from 0.18 on",
            fires=0,
            cells=(_LOAD, 'model = get_peft_model(base, LoraConfig(r=8), adapter_name="lora")\n', _SAVE),
            versions={"peft": "0.18.1"},
        ),
        Example(
            title="another name",
            fires=0,
            cells=(_LOAD, 'model = get_peft_model(base, LoraConfig(r=8), adapter_name="support")\n', _SAVE),
            versions=_OLD,
        ),
        Example(
            title="never saved",
            fires=0,
            cells=(_LOAD, 'model = get_peft_model(base, LoraConfig(r=8), adapter_name="lora")\n', "model(**batch)\n"),
            versions=_OLD,
        ),
    ),
)

_MENDED_IN = "0.18"
_PARTS = ("lora_A", "lora_B", "model", "weight")


def check(source: Source, names: Names, run: Run) -> Iterator[Finding]:
    """Report each adapter that is made under such a name and saved."""
    seen = set()
    for act in names.acts(WRAPPED, LOADED):
        name = _name(act)
        if act.site in seen or not name or not any(part.startswith(name) for part in _PARTS):
            continue
        saved = _saved(act, names)
        if saved is None:
            continue
        seen.add(act.site)
        version = version_of("peft", source.path, source.pip_lines, run.versions, run.kernel)
        if version.always_at_least(_MENDED_IN):
            continue
        part = next(part for part in _PARTS if part.startswith(name))
        known = version.always_below(_MENDED_IN)
        place = names.place(saved)
        message = (
            f"the adapter is named {name!r}, and PEFT before {_MENDED_IN} cuts .{name} out of .{part} when it saves"
        )
        yield RULE.finding(
            f"{message} (line {place.line})",
            names.place(act.site),
            severity=None if known else Severity.hint,
            related=(place,),
        )


def _name(act: Act) -> str | None:
    given = act.argument("adapter_name")
    return literal(given.values) if given is not None else None


def _saved(act: Act, names: Names) -> Site | None:
    """Where the model is saved afterwards, None where it is not."""
    models = [it for it in (*act.results, *act.subject) if isinstance(it, Object)]
    events = [it for model in models for it in names.history.since(act, model, SAVED) if names.history.before(act, it)]
    return events[0].site if events else None
