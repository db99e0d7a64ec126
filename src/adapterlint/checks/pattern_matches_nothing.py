"""A key of `rank_pattern` or `alpha_pattern` fits none of the modules whose tensors are in the file, so the rank or
alpha it gives is used nowhere: the module that was meant has the global `r` or `lora_alpha`.

PEFT takes a key for the end of a module's path or for a regular expression that must reach to the end of it,
`(.*\\.)?(key)$`. So "layers.0" fits no `layers.0.self_attn.q_proj`, "q_proj.weight" fits nothing, and a path copied
from another model or an older transformers release no longer fits. PEFT up to 0.18 is silent about it; 0.21 warns.

It is no load failure, and where training ran with the same config the tensors are what was trained, with another rank
or scale than its author meant. Where the config was edited or the modules renamed since, the scale is wrong.

To mend it, write the key so that it ends with the module's name: "q_proj", "layers.0.self_attn.q_proj", or
".*layers\\.0\\..*". An alpha that is to count as trained wants no correction but removal.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from adapterlint.model import Example, ExampleTensor, Rule, Severity

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding

_CONFIG: dict[str, Any] = {"peft_type": "LORA", "target_modules": ["query", "value"], "r": 2, "lora_alpha": 4}
_SELF = "base_model.model.encoder.layer.0.attention.self"
_TENSORS = {
    f"{_SELF}.{name}.{factor}.weight": ExampleTensor(shape)
    for name in ("query", "value")
    for factor, shape in (("lora_A", (2, 8)), ("lora_B", (8, 2)))
}

RULE = Rule(
    id="pattern-matches-nothing",
    family="config",
    severity=Severity.warning,
    summary="a rank_pattern or alpha_pattern key that fits no module of the file",
    why=__doc__ or "",
    examples=(
        Example("a module of another model", config={**_CONFIG, "alpha_pattern": {"q_proj": 16}}, tensors=_TENSORS),
        Example(
            "the beginning of a path instead of its end",
            config={**_CONFIG, "rank_pattern": {"layer.0.attention": 8}},
            tensors=_TENSORS,
        ),
        Example(
            "two of three keys",
            fires=2,
            config={**_CONFIG, "alpha_pattern": {"query": 16, "query.weight": 16, "k": 2}},
            tensors=_TENSORS,
        ),
        Example(
            "a value that is the global one",
            config={**_CONFIG, "alpha_pattern": {"q_proj": 4}},
            tensors=_TENSORS,
            severity=Severity.hint,
        ),
        Example(
            "the end of a path", fires=0, config={**_CONFIG, "alpha_pattern": {"self.query": 16}}, tensors=_TENSORS
        ),
        Example(
            "a regular expression",
            fires=0,
            config={**_CONFIG, "alpha_pattern": {r".*layer\.\d+\..*\.(query|key)": 16}},
            tensors=_TENSORS,
        ),
        Example(
            "a targeted module that the file lacks is another fault",
            fires=0,
            config={**_CONFIG, "target_modules": ["query", "value", "key"], "alpha_pattern": {"key": 16}},
            tensors=_TENSORS,
        ),
        Example("without weights there is nothing to match", fires=0, config={**_CONFIG, "alpha_pattern": {"q": 16}}),
    ),
    references=("https://github.com/huggingface/peft/blob/v0.21.2/src/peft/utils/other.py",),
)

_TYPES = frozenset({"LORA", "LOHA", "LOKR"})
"""Types that resolve both patterns by `get_pattern_key`. AdaLoRA's `rank_pattern` is a record, not a request."""

_FIELDS = (("rank_pattern", "r"), ("alpha_pattern", "lora_alpha"))
_MOST = 20
_MOST_TRIED = 200


def check(config: Config, weights: Weights) -> Iterator[Finding]:
    """One finding per key, up to twenty, then one that counts the rest."""
    if config.peft_type not in _TYPES or config.get("target_parameters"):
        return  # of parameters, PEFT matches the path of the parameter
    if not any(_keys(config, field) for field, _ in _FIELDS):
        return
    modules = _modules(weights)
    ends = {end for module in modules for end in _ends(module)}
    entries = [(field, alone, key) for field, alone in _FIELDS for key in _keys(config, field) if key not in ends]
    found = [entry for entry in entries[:_MOST_TRIED] if modules and _fits_nothing(config, entry[2], modules)]
    for field, alone, key in found[:_MOST]:
        yield _finding(config, field, alone, key, len(modules))
    if len(found) > _MOST:
        rest = len(found) - _MOST
        message = f"{rest} more keys of rank_pattern and alpha_pattern fit none of the {len(modules)} modules"
        yield RULE.finding(message, config.place(""))


def _modules(weights: Weights) -> Collection[str]:
    """The paths of the modules that have adapter tensors, as PEFT sees them."""
    from adapterlint.loadplan.keyform import split

    return {part.module for part in map(split, weights.tensors) if part is not None and part.module}


def _keys(config: Config, field: str) -> Collection[str]:
    entries = config.get(field)
    return entries if isinstance(entries, dict) else ()


def _ends(module: str) -> Iterator[str]:
    """The path and all its ends: a key that is one of them fits, without a regular expression to try."""
    yield module
    while "." in module:
        module = module.partition(".")[2]
        yield module


def _fits_nothing(config: Config, key: str, modules: Collection[str]) -> bool:
    """Whether the key surely fits no module. A key among the targets may fit one whose tensors are missing."""
    targets = config.get("target_modules")
    if isinstance(targets, list) and key in targets:
        return False
    return all(config.applies(key, module) is False for module in modules)


def _finding(config: Config, field: str, alone: str, key: str, modules: int) -> Finding:
    from adapterlint.artifacts.config import escaped

    value = config.get(field)[key]
    alone = alone if config.peft_type == "LORA" or alone == "r" else "alpha"
    idle = value == config.get(alone, 8)
    shown = key if len(key) <= 80 else f"{key[:79]}…"
    where = f"fits none of the {modules} modules" if modules > 1 else "does not fit the only module"
    message = f'{field} has {json.dumps(value)[:40]} for "{shown}", which {where} of the file'
    message += f", and {alone} is the same" if idle else ""
    place = config.place(f"/{field}/{escaped(key)}")
    return RULE.finding(message, place, severity=Severity.hint if idle else Severity.warning)
