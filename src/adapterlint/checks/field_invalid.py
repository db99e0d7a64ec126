"""A value in adapter_config.json is of a kind that PEFT cannot use. Most of them stop the load, with an exception that
names neither file nor field: `"r": "16"` ends in "'<=' not supported between instances of 'str' and 'int'",
`"rank_pattern": null` in "'NoneType' object has no attribute 'keys'", `"modules_to_save": "score"` in a complaint about
ModuleList, because PEFT takes the string letter by letter.

Some load without a word and give another model, which is worse:

- `"use_rslora": "false"` is a string that is not empty, so rsLoRA is *on* and the scaling is off by √r; `use_dora`
  likewise;
- `"lora_alpha": true` counts as 1; `NaN` and `Infinity` turn every output into NaN;
- `"layers_to_transform": true` adapts layer 1 alone.

Each of these was measured by loading a real adapter with PEFT 0.21.2. What PEFT takes passes, however odd: a float
alpha, an integer dropout, repeated names, an object in place of a list, a `null` switch, keys PEFT does not know. So
does the value of a `rank_pattern` or `alpha_pattern` entry that matches no module of the weights: PEFT ignores it.

Such values come from configs written or edited by hand, from YAML and command lines that deliver strings, and from
other tools' exporters. To mend it, write the value as PEFT itself would: `LoraConfig(...).save_pretrained(folder)` in
an empty folder shows how.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from adapterlint.model import Example, ExampleTensor, Rule, Severity, Status

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding

_GOOD: dict[str, Any] = {"peft_type": "LORA", "task_type": None, "r": 2, "lora_alpha": 4, "target_modules": ["query"]}
_QUERY = "base_model.model.encoder.layer.0.attention.self.query"
_PAIR = {f"{_QUERY}.lora_A.weight": ExampleTensor((2, 4)), f"{_QUERY}.lora_B.weight": ExampleTensor((4, 2))}

_BREAKS: tuple[dict[str, Any], ...] = (
    {"r": "16"},
    {"lora_alpha": None},
    {"lora_alpha": "32"},
    {"lora_dropout": 2},
    {"task_type": "causal_lm"},
    {"bias": "some"},
    {"target_modules": 3},
    {"target_modules": "*.query"},
    {"target_modules": ["query", 3]},
    {"modules_to_save": "lm_head"},
    {"rank_pattern": []},
    {"rank_pattern": {"query": "8"}},
    {"alpha_pattern": None},
    {"init_lora_weights": "true"},
    {"layers_to_transform": [0], "target_modules": ".*query"},
)
_MISLEADS: tuple[dict[str, Any], ...] = ({"use_rslora": "false"}, {"use_dora": "False"}, {"lora_alpha": float("nan")})
_ODD: tuple[dict[str, Any], ...] = (
    {"lora_alpha": 16.5, "lora_dropout": 0},
    {"modules_to_save": ["score", "score"], "target_modules": ["query", "query"]},
    {"peft_version": None, "base_model_name_or_path": None, "auto_mapping": {"base_model_class": "BertModel"}},
    {"enable_lora": None, "merge_weights": False, "some_new_field": {"a": 1}},
    {"target_modules": ".*attention.self.(query|value)", "use_rslora": None},
    {"init_lora_weights": "pissa_niter_16", "rank_pattern": {}, "layers_to_transform": []},
    {"peft_version": "0.18.2.dev0@UNKNOWN", "use_dora": False, "bias": "lora_only"},
)


def _words(fields: dict[str, Any]) -> str:
    return json.dumps(fields)[1:-1]


RULE = Rule(
    id="field-invalid",
    family="config",
    severity=Severity.error,
    summary="a value in adapter_config.json that PEFT cannot use, or takes for another",
    why=__doc__ or "",
    examples=(
        *(
            Example(f"breaks the load: {_words(it)}", config={**_GOOD, **it}, status=Status.unreadable)
            for it in _BREAKS
        ),
        *(
            Example(f"loads as something else: {_words(it)}", config={**_GOOD, **it}, status=Status.wrong)
            for it in _MISLEADS
        ),
        Example("alpha true counts as 1", config={**_GOOD, "lora_alpha": True}, severity=Severity.warning),
        Example(
            "a word that a newer PEFT may know",
            config={**_GOOD, "init_lora_weights": "nova", "peft_version": "99.0"},
            severity=Severity.info,
            status=Status.unknown,
        ),
        *(Example(f"odd but taken: {_words(it)}", fires=0, config={**_GOOD, **it}) for it in _ODD),
        Example(
            "a pattern that matches no module is ignored, whatever its value",
            fires=0,
            config={**_GOOD, "rank_pattern": {"key": "8"}},
            tensors=_PAIR,
        ),
        Example(
            "so is one with an empty name",
            fires=0,
            config={**_GOOD, "alpha_pattern": {"": "8"}},
            tensors=_PAIR,
        ),
        Example("a rank of 0 has a rule of its own", fires=0, config={**_GOOD, "r": 0}),
        Example("fields of a type that has other ones", fires=0, config={"peft_type": "OFT", "r": 0, "bias": "none"}),
    ),
)


def check(config: Config, weights: Weights | None = None) -> Iterator[Finding]:
    """One finding per value, at the value."""
    if not config.errors:
        return
    from adapterlint.loadplan.pairs import layout

    modules = layout(weights.tensors).modules if weights is not None else ()
    for error in config.errors:
        field, slash, key = error.pointer[1:].partition("/")
        is_entry = bool(slash) and field in ("rank_pattern", "alpha_pattern")
        if is_entry and config.applies(key, "") is not None and not config.decides(error.pointer, modules):
            continue
        place = config.place(error.pointer)
        if error.dated and config.is_newer:
            yield RULE.finding(error.message, place, severity=Severity.info, status=Status.unknown)
        else:
            yield RULE.finding(error.message, place, severity=error.severity, status=error.status)
