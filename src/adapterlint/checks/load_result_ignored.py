"""Adapter weights are set by a call that passes over keys which fit nothing, and nobody looks at what it reports.

`set_peft_model_state_dict(model, weights)` and `model.load_state_dict(weights, strict=False)` take what fits and skip
the rest. Keys saved under DistributedDataParallel (`module.` in front), keys without `base_model.model.`, or, for
`load_state_dict`, the keys of `adapter_model.safetensors` itself, which lack the adapter's name, fit nothing at all:
the call succeeds, the adapter keeps the weights it had, and the run goes on with them. Measured with peft 0.12, 0.18
and 0.21. Only the report tells, in `unexpected_keys`; `missing_keys` lists the whole base every time.

Where the keys are those of an adapter file and the model has no adapter layers, or where they can only lack the
adapter's name, the outcome is certain and this is an error.

To mend it, let PEFT read the folder: `PeftModel.from_pretrained(base, folder)` or `model.load_adapter(folder, name)`.
Where the weights must be set by hand, use `set_peft_model_state_dict` and stop on what did not fit:
`report = set_peft_model_state_dict(model, weights)` and `assert not report.unexpected_keys`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.histories.outcomes import climbed, let_go
from adapterlint.histories.states import files, states
from adapterlint.knowledge.calls import READING
from adapterlint.knowledge.models import PEFT_MODEL
from adapterlint.model import Example, Rule, Severity
from adapterlint.names import Object

if TYPE_CHECKING:
    from adapterlint.model import Finding
    from adapterlint.names import Act, Names, Site

_LOAD = """\
import torch
from peft import LoraConfig, get_peft_model, load_peft_weights, set_peft_model_state_dict
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
model = get_peft_model(base, LoraConfig(r=8, task_type="CAUSAL_LM"))
"""
_READ = 'weights = torch.load("run/last.pt", weights_only=True)\n'
_RUN = "model.eval()\n"

RULE = Rule(
    id="load-result-ignored",
    family="source",
    severity=Severity.error,
    summary="adapter weights are set without a look at the keys that fit nothing",
    why=__doc__,
    references=(
        "https://huggingface.co/docs/peft/package_reference/functional",
        "https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.load_state_dict",
    ),
    examples=(
        Example(
            title="set, and the report dropped",
            severity=Severity.warning,
            cells=(_LOAD, f"{_READ}set_peft_model_state_dict(model, weights)\n{_RUN}"),
        ),
        Example(
            title="not strict, and the report dropped",
            severity=Severity.warning,
            cells=(_LOAD, f"{_READ}_ = model.load_state_dict(weights, strict=False)\n{_RUN}"),
        ),
        Example(
            title="keys without the adapter's name",
            cells=(_LOAD, f'model.load_state_dict(load_peft_weights("adapters/support"), strict=False)\n{_RUN}'),
        ),
        Example(
            title="into a model without adapter layers",
            cells=(
                _LOAD.replace("model = get_peft_model(base, LoraConfig(r=8", "# get_peft_model(base, LoraConfig(r=8"),
                'weights = torch.load("support/adapter_model.bin", weights_only=True)\n'
                "base.load_state_dict(weights, strict=False)\nbase.eval()\n",
            ),
        ),
        Example(
            title="a file that PEFT wrote",
            severity=Severity.hint,
            cells=(_LOAD, f'set_peft_model_state_dict(model, load_peft_weights("adapters/support"))\n{_RUN}'),
        ),
        Example(
            title="what did not fit stops the run",
            fires=0,
            cells=(
                _LOAD,
                f"{_READ}report = set_peft_model_state_dict(model, weights)\n"
                f"if report.unexpected_keys:\n    raise ValueError(report.unexpected_keys)\n{_RUN}",
            ),
        ),
        Example(
            title="the report is printed",
            fires=0,
            cells=(_LOAD, f"{_READ}print(set_peft_model_state_dict(model, weights))\n{_RUN}"),
        ),
        Example(
            title="the report is what the cell shows",
            fires=0,
            cells=(_LOAD, f"{_READ}set_peft_model_state_dict(model, weights)\n", _RUN),
        ),
        Example(
            title="its own weights put back",
            fires=0,
            cells=(
                _LOAD.replace("load_peft_weights", "get_peft_model_state_dict"),
                "best = {k: v.clone() for k, v in get_peft_model_state_dict(model).items()}\n"
                f"train(model)\nset_peft_model_state_dict(model, best)\n{_RUN}",
            ),
        ),
        Example(
            title="strict, as is the default: it raises",
            fires=0,
            cells=(_LOAD, f"{_READ}model.load_state_dict(weights)\n{_RUN}"),
        ),
        Example(
            title="no adapter: a backbone without its head",
            fires=0,
            cells=(
                "import torch\nfrom peft import PeftModel\nfrom transformers import AutoModel\n\n"
                'encoder = AutoModel.from_pretrained("google-bert/bert-base-uncased")\n'
                'encoder.load_state_dict(torch.load("backbone.pt", weights_only=True), strict=False)\n'
                'model = PeftModel.from_pretrained(encoder, "adapters/support")\n',
            ),
        ),
    ),
)

_SET = "peft.set_peft_model_state_dict"
_POUR = "torch.nn.Module.load_state_dict"
#: Their keys are PEFT's own, without the name of the adapter.
_NAMELESS = frozenset({"peft.load_peft_weights", "peft.get_peft_model_state_dict"})
_READ_FROM_FILES = READING | {"peft.load_peft_weights"}
_WHOLE = "torch.nn.Module.state_dict"
_OWN = re.compile(r"(?:.*[\\/])?adapter_model\.(?:bin|safetensors|pt)$")


def check(names: Names) -> Iterator[Finding]:
    """Report each such call whose report goes nowhere, or whose outcome is known without it."""
    told: dict[Site, tuple[Severity, str] | None] = {}
    for act in names.calls(_SET, _POUR):
        if act.node is None or (act.call == _POUR and not _not_strict(act)):
            continue
        said = _certain(act, names) or _ignored(act, names) if let_go(act, names) else None
        known = told.get(act.site, said)
        told[act.site] = said if known is not None else None  # one use that asks, or is harmless, clears the call
    for site, found in told.items():
        if found is not None:
            yield RULE.finding(found[1], names.place(site), severity=found[0])


def _not_strict(act: Act) -> bool:
    strict = act.argument("strict")
    return strict is not None and [getattr(it, "text", "") for it in strict.values] == ["False"]


def _certain(act: Act, names: Names) -> tuple[Severity, str] | None:
    """What is known to come of it: nothing is loaded."""
    model = act.subject[0] if len(act.subject) == 1 else None
    weights, as_read = states(act, "state_dict", names)
    if act.call != _POUR or not isinstance(model, Object) or not as_read or not weights:
        return None
    makers = [it.made for it in weights if it.made is not None]
    nameless = len(makers) == len(weights) and all(it.call in _NAMELESS for it in makers)
    if model.is_a(PEFT_MODEL) and nameless:
        call = makers[0].call.rpartition(".")[2]
        return (
            Severity.error,
            f"load_state_dict(strict=False) loads nothing: the keys of {call} lack the adapter's name",
        )
    bare = not model.is_a(PEFT_MODEL) and not names.history.layers(model, act) and not names.history.doubt(model, act)
    if bare and len(makers) == len(weights) and all(it.call in _NAMELESS or _peft_file(it) for it in makers):
        return Severity.error, "load_state_dict(strict=False) loads nothing: the model has no adapter layers"
    return None


def _peft_file(act: Act) -> bool:
    """Whether the call reads a file of the name that PEFT gives its own."""
    name = "f" if act.call == "torch.load" else "filename"
    named = files(act, name)
    return act.call in READING and bool(named) and all(map(_OWN.match, named))


def _ignored(act: Act, names: Names) -> tuple[Severity, str] | None:
    """The report is dropped, and the keys may be any."""
    if _shown(act, names):
        return None
    severity = _poured(act, names) if act.call == _POUR else _set(act, names)
    call = "load_state_dict(strict=False)" if act.call == _POUR else "set_peft_model_state_dict"
    said = f"{call} passes over keys that fit nothing, and its report of them is dropped"
    return (severity, said) if severity is not None else None


def _poured(act: Act, names: Names) -> Severity | None:
    """Weights go into a model with adapter layers, and they are no full state, whose names are the model's own."""
    model = act.subject[0] if len(act.subject) == 1 else None
    if not isinstance(model, Object) or not (model.is_a(PEFT_MODEL) or names.history.layers(model, act)):
        return None
    weights, _ = states(act, "state_dict", names)
    full = any(it.made is not None and it.made.call == _WHOLE for it in weights)
    return None if full else Severity.warning


def _set(act: Act, names: Names) -> Severity | None:
    """Weights come out of a file: of PEFT's own names, if it wrote that and nothing has renamed them."""
    weights, as_read = states(act, "peft_model_state_dict", names)
    makers = [it.made for it in weights if it.made is not None and it.made.call in _READ_FROM_FILES]
    if not makers:
        return None
    fits = as_read and all(it.call in _NAMELESS or _peft_file(it) for it in makers)
    return Severity.hint if fits else Severity.warning


def _shown(act: Act, names: Names) -> bool:
    """Whether the call is the last expression of a notebook's cell, which shows what it gives."""
    cell, node = names.cell(act.site), climbed(act.node)
    statement = node.parent() if node is not None else None
    if cell.index is None or statement is None or statement.kind() != "expression_statement":
        return False
    rest = cell.masked[statement.range().end.index :]
    top = statement.parent()
    return top is not None and top.kind() == "module" and not rest.strip()
