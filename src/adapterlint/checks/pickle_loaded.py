"""`torch.load` unpickles adapter weights, and a pickle may run any code.

Without `weights_only=True`, before torch 2.6, `torch.load` hands the file to Python's unpickler, which calls whatever
the file names: whoever made the adapter, or changed it on its way, runs code with the rights of this process. Adapters
travel: they come from the Hub, from colleagues, from last year's bucket. Nothing is printed. From torch 2.6 on
`weights_only=True` is the default, and only `weights_only=False` brings the old way back.

Adapter weights are a dictionary of tensors, which `weights_only=True` (since torch 1.13) reads as well as before; it
refuses everything else with an UnpicklingError. A checkpoint of the author's own that also holds settings as Python
objects may be refused too.

To mend it, pass `weights_only=True`; better, save adapters as safetensors and read them with
`PeftModel.from_pretrained` or `peft.load_peft_weights`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.artifacts.environment import version_of
from adapterlint.histories.states import files, states
from adapterlint.knowledge.models import PEFT_MODEL
from adapterlint.model import Applicability, Example, Fix, Rule, Severity
from adapterlint.names import Object
from adapterlint.names.objects import Constant, Items, Text

if TYPE_CHECKING:
    from adapterlint.artifacts.source import Source
    from adapterlint.model import Finding, Run
    from adapterlint.names import Act, Names, Site

_LOAD = """\
import torch
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
model = get_peft_model(base, LoraConfig(r=8, task_type="CAUSAL_LM"))
"""
_SET = "report = set_peft_model_state_dict(model, weights)\nassert not report.unexpected_keys\n"

RULE = Rule(
    id="pickle-loaded",
    family="source",
    severity=Severity.warning,
    summary="torch.load unpickles adapter weights without weights_only=True",
    why=__doc__,
    references=(
        "https://docs.pytorch.org/docs/stable/generated/torch.load.html",
        "https://docs.pytorch.org/docs/stable/notes/serialization.html#weights-only",
    ),
    examples=(
        Example(
            title="the file that PEFT wrote",
            cells=(_LOAD, f'weights = torch.load("support/adapter_model.bin", map_location="cpu")\n{_SET}'),
            fixed=(
                _LOAD,
                f'weights = torch.load("support/adapter_model.bin", map_location="cpu", weights_only=True)\n{_SET}',
            ),
        ),
        Example(
            title="what is set as an adapter's weights",
            cells=(_LOAD, f"def read(path):\n    return torch.load(path)\n\n\nweights = read(path)\n{_SET}"),
            fixed=(
                _LOAD,
                f"def read(path):\n    return torch.load(path, weights_only=True)\n\n\nweights = read(path)\n{_SET}",
            ),
        ),
        Example(
            title="switched off, whatever the version",
            cells=(_LOAD, f'weights = torch.load("support/adapter_model.bin", weights_only=False)\n{_SET}'),
            fixed=(_LOAD, f'weights = torch.load("support/adapter_model.bin", weights_only=True)\n{_SET}'),
            versions={"torch": "2.7.0"},
        ),
        Example(
            title="weights only",
            fires=0,
            cells=(_LOAD, f'weights = torch.load("support/adapter_model.bin", weights_only=True)\n{_SET}'),
        ),
        Example(
            title="the default of torch 2.6",
            fires=0,
            cells=(_LOAD, f'weights = torch.load("support/adapter_model.bin")\n{_SET}'),
            versions={"torch": "2.6.0"},
        ),
        Example(
            title="the optimiser's state",
            fires=0,
            cells=(
                _LOAD,
                "optimizer = torch.optim.AdamW(model.parameters())\n"
                'optimizer.load_state_dict(torch.load("run/optimizer.pt"))\n',
            ),
        ),
        Example(
            title="options that are not seen",
            fires=0,
            cells=(_LOAD, f'weights = torch.load("support/adapter_model.bin", **options)\n{_SET}'),
        ),
    ),
)

_LOADS = "torch.load"
_KEYWORD = "weights_only"
_SINCE, _DEFAULT_SINCE = "1.13", "2.6"
_SETS = {"peft.set_peft_model_state_dict": "peft_model_state_dict", "torch.nn.Module.load_state_dict": "state_dict"}
#: The name of PEFT's own file, and names of files that hold such weights.
_FILE = re.compile(r"(?:^|[\\/])adapter_model\.\w+$")
_NAMED = re.compile(r"(?i)(?:^|[\\/_.-])(?:q?lora|adapters?)(?:[_.-][^\\/]*)?$")


def check(source: Source, names: Names, run: Run) -> Iterator[Finding]:
    """Report each `torch.load` of adapter weights that may run what the file says."""
    loads = [act for act in names.calls(_LOADS) if act.node is not None and _switch(act) in ("False", "")]
    if not loads:
        return
    version = version_of("torch", source.path, source.pip_lines, run.versions, run.kernel)
    given = _given(names)
    told: dict[Site, tuple[Act, bool]] = {}
    for act in loads:
        surely = _adapter(act, given)
        if surely is not None:
            told[act.site] = act, surely and told.get(act.site, (act, True))[1]
    for site, (act, surely) in told.items():
        switched = _switch(act) == "False"
        if not switched and version.always_at_least(_DEFAULT_SINCE):
            continue
        how = "with weights_only=False" if switched else "without weights_only=True"
        message = f"torch.load {how} unpickles adapter weights, which runs any code that the file names"
        fix = None if version.always_below(_SINCE) else _fix(act, surely, names)
        yield RULE.finding(message, names.place(site), fix=fix)


def _switch(act: Act) -> str:
    """What the call says of `weights_only`: "True", "False", "" for nothing, "?" where that is not seen."""
    said = act.argument(_KEYWORD)
    values = list(said.values) if said is not None else []
    for it in (it for it in act.arguments if it.splat):
        items = it.values[0] if len(it.values) == 1 else None
        if not isinstance(items, Items) or items.open or not all(len(key) == 1 for key in items.keys):
            return "?"
        for key, held in zip(items.keys, items.elements, strict=False):
            if not isinstance(key[0], Text):
                return "?"
            values += held if key[0].value == _KEYWORD else ()
    texts = {it.text if isinstance(it, Constant) else "?" for it in values}
    return texts.pop() if len(texts) == 1 else "?" if texts else ""


def _given(names: Names) -> dict[Object, bool]:
    """The state dicts that are set as weights of a PeftModel, and whether they are set as they were read."""
    found: dict[Object, bool] = {}
    for act in names.calls(*_SETS):
        models = [it for it in act.subject if isinstance(it, Object)]
        if act.call.startswith("peft.") or (models and all(it.is_a(PEFT_MODEL) for it in models)):
            weights, as_read = states(act, _SETS[act.call], names)
            for it in weights:
                found[it] = as_read and found.get(it, True)
    return found


def _adapter(act: Act, given: dict[Object, bool]) -> bool | None:
    """Whether what is read is surely nothing but an adapter's weights; None where it may be anything."""
    named = files(act, "f")
    if any(map(_FILE.search, named)):
        return True
    used = [given[it] for it in act.results if isinstance(it, Object) and it in given]
    if used:
        return all(used)
    return False if any(map(_NAMED.search, named)) else None


def _fix(act: Act, surely: bool, names: Names) -> Fix | None:
    """`weights_only=True`, added at the end of the arguments or in the place of `False`."""
    listed = act.node.field("arguments") if act.node is not None else None
    written = [it for it in listed.named_children() if it.kind() != "comment"] if listed is not None else []
    if not written:
        return None
    title = "read weights only"
    note = "refuses a file that holds other objects besides tensors"
    switched = act.argument(_KEYWORD)
    if switched is not None:
        edit, surely = names.edit(switched.site, "True"), False
    elif any(it.splat for it in act.arguments):
        return None
    else:
        end = written[-1].range().end.index
        edit = names.edit(act.site._replace(start=end, end=end), f", {_KEYWORD}=True")
    return Fix(title, Applicability.safe, (edit,)) if surely else Fix(title, Applicability.unsafe, (edit,), note)
