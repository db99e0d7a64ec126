"""In memory PEFT calls a factor `lora_A.default.weight`, after the name of its adapter; on disk it takes the name out
and puts it in again when it loads, under whatever name the adapter then has. A state dict that was saved by hand
(`torch.save(model.state_dict())`, `safetensors.save_file(model.state_dict(), …)`, a Trainer that does not know PEFT)
still holds it. On the way in PEFT then looks for `lora_A.default.default.weight`.

Measured: PEFT 0.18 and earlier drop all such tensors, with a warning of missing keys at most, and the output is the
base model's to the last bit. PEFT 0.21 takes them where the name in the keys is the one the adapter is loaded under,
which is "default" unless the code says otherwise; its `load_adapter` in transformers and every server still do not.

To mend it, save with `model.save_pretrained(folder)`, or `save_file(get_peft_model_state_dict(model), …)`. Files
that exist can be renamed without loss: take the name out of each key.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.knowledge.updates import NUMBERED, PARTED
from adapterlint.loadplan.keyform import KeyForm, form_of, split
from adapterlint.model import Example, ExampleTensor, Rule, Severity, Status, TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.loadplan.keyform import Part
    from adapterlint.model import Finding, Run, Target

_CONFIG = {"peft_type": "LORA", "base_model_name_or_path": "bert-base-uncased", "target_modules": ["query"], "r": 2}
_QUERY = "base_model.model.encoder.layer.0.attention.self.query"
_TAKEN_SINCE = "0.21"
_NAMED_BY_PEFT = frozenset({"XLORA", "SHADOW", "POLY"})


def _pair(name: str) -> dict[str, ExampleTensor]:
    first, second = ExampleTensor((2, 4)), ExampleTensor((4, 2))
    return {f"{_QUERY}.lora_A.{name}weight": first, f"{_QUERY}.lora_B.{name}weight": second}


RULE = Rule(
    id="adapter-name-in-keys",
    family="load",
    severity=Severity.error,
    summary="the adapter's name still stands in the keys",
    why=__doc__ or "",
    examples=(
        Example("a name of its own", config=_CONFIG, tensors=_pair("mine."), status=Status.loads_nothing),
        Example(
            '"default", which PEFT 0.21 takes',
            config=_CONFIG,
            tensors=_pair("default."),
            severity=Severity.warning,
            status=Status.unknown,
        ),
        Example(
            '"default", for a PEFT that drops it',
            config=_CONFIG,
            tensors=_pair("default."),
            versions={"peft": "0.18.1"},
            status=Status.loads_nothing,
        ),
        Example("as PEFT saves it", fires=0, config=_CONFIG, tensors=_pair("")),
        Example(
            "AdaMSS numbers its factors",
            fires=0,
            config={**_CONFIG, "peft_type": "ADAMSS"},
            tensors={f"{_QUERY}.adamss_A.0": ExampleTensor((1, 4)), f"{_QUERY}.adamss_B.0": ExampleTensor((4, 1))},
        ),
    ),
    references=(
        "https://github.com/huggingface/peft/issues/1579",
        "https://github.com/ggml-org/llama.cpp/issues/3640",
    ),
)


def check(target: Target, config: Config, weights: Weights, run: Run) -> Iterator[Finding]:
    """At most one finding, at the first key with a name in it."""
    if target.kind is not TargetKind.adapter or not config.is_peft or config.peft_type in _NAMED_BY_PEFT:
        return
    parts = {name: part for name in weights.tensors if (part := split(name)) is not None}
    named = {name: part.adapter for name, part in parts.items() if _is_name(part) and form_of(name) is KeyForm.peft}
    if not named:
        return
    first, name = next(iter(named.items()))
    every = len(named) == len(parts)
    count = f"all {len(parts)}" if every else f"{len(named)} of {len(parts)}"
    count += " adapter tensors carry" if len(parts) > 1 else " adapter tensor carries"
    taken = set(named.values()) == {"default"} and _takes(run)
    if taken is False:
        message = f'{count} the adapter name "{name}" in their keys, so PEFT does not find them'
        status = Status.loads_nothing if every else Status.partly_loaded
        yield RULE.finding(message, weights.place(first), status=status)
    elif taken is None:
        message = (
            f'{count} the adapter name "{name}" in their keys, so only PeftModel of PEFT 0.21 or later finds them, '
            "under that name"
        )
        yield RULE.finding(message, weights.place(first), severity=Severity.warning, status=Status.unknown)


def _is_name(part: Part) -> bool:
    """Whether what follows the factor is the name of an adapter and not the factor's own part or number."""
    if part.factor in PARTED or part.factor in NUMBERED or not part.adapter:
        return False
    return part.factor.startswith(("lora_A", "lora_B", "lora_E", "lora_embedding")) or part.adapter == "default"


def _takes(run: Run) -> bool | None:
    """Whether the PEFT the run is for takes keys that hold the name it loads under; None if it is not said."""
    from adapterlint.artifacts.environment import targeted

    version = targeted("peft", run.versions)
    if version.always_at_least(_TAKEN_SINCE):
        return True
    return False if version.always_below(_TAKEN_SINCE) else None
