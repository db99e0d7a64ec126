"""adapter_config.json says which base model and which modules were adapted, but the tensors themselves are not there.
`PeftModel.from_pretrained` looks for adapter_model.safetensors, then adapter_model.bin, then the Hub, and raises.

It usually comes about on the way: weights ignored by git (*.safetensors or *.bin in .gitignore), a download of the
small files only, a checkpoint cleaned up to save space, a copy that was cut short.

A config that was only written as a template (`LoraConfig(...).save_pretrained(...)`) has `inference_mode` false
and no weights by design; that is reported as info only, and not at all while it names neither base nor modules.

To mend it, fetch or copy adapter_model.safetensors into the folder (`git lfs pull`, `huggingface-cli download`), or
save the adapter again with `model.save_pretrained(folder)`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.knowledge.keys import TARGETLESS_TYPES
from adapterlint.knowledge.leftovers import parts, state, unfinished
from adapterlint.model import Example, ExampleTensor, Rule, Severity, Status, TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.model import Finding, Target

_SAVED = {
    "peft_type": "LORA",
    "base_model_name_or_path": "bert-base-uncased",
    "target_modules": ["query", "value"],
    "r": 2,
    "inference_mode": True,
}

RULE = Rule(
    id="weights-missing",
    family="weights",
    severity=Severity.error,
    summary="a config that names its base and modules, with no weights beside it",
    why=__doc__ or "",
    examples=(
        Example("a saved adapter whose weights were left behind", config=_SAVED, status=Status.unreadable),
        Example(
            "prompt tuning has no target modules; its base is enough",
            config={
                "peft_type": "PROMPT_TUNING",
                "base_model_name_or_path": "google/flan-t5-xl",
                "inference_mode": True,
                "num_virtual_tokens": 8,
            },
            status=Status.unreadable,
        ),
        Example(
            "a template written without weights",
            config={**_SAVED, "inference_mode": False},
            severity=Severity.info,
            status=Status.not_checked,
        ),
        Example(
            "a template that names no base",
            fires=0,
            config={"peft_type": "LORA", "base_model_name_or_path": None, "target_modules": ["query"], "r": 2},
        ),
        Example(
            "weights beside the config",
            fires=0,
            config=_SAVED,
            tensors={
                "base_model.model.encoder.layer.0.attention.self.query.lora_A.weight": ExampleTensor((2, 4)),
                "base_model.model.encoder.layer.0.attention.self.query.lora_B.weight": ExampleTensor((4, 2)),
            },
        ),
    ),
)


def check(target: Target, config: Config, listing: tuple[str, ...] = ()) -> Iterator[Finding]:
    """At most one finding, at the config."""
    if target.kind is not TargetKind.adapter or target.weights or target.pickled or not config.is_peft:
        return
    if parts(listing) or state(listing) or unfinished(listing):
        return  # sharded-or-partial-save tells what became of them
    base, modules = _is_named(config, "base_model_name_or_path"), _names_modules(config)
    saved = config.get("inference_mode")
    if config.peft_type == "XLORA" or not (base or modules):
        return
    if saved is False and base and modules:
        message = "a config without weights, written as a template (inference_mode is false)"
        yield RULE.finding(message, config.place(""), severity=Severity.info, status=Status.not_checked)
    elif saved is True or (saved is not False and base and modules):
        what = f"for {config.get('base_model_name_or_path')}" if base else f"of type {config.peft_type}"
        message = f"no adapter_model.safetensors and no adapter_model.bin beside the config of an adapter {what}"
        yield RULE.finding(message, config.place(""), status=Status.unreadable)


def _is_named(config: Config, field: str) -> bool:
    value = config.get(field)
    return bool(value) and isinstance(value, (str, list))


def _names_modules(config: Config) -> bool:
    fields = ("target_modules", "target_parameters")
    return config.peft_type in TARGETLESS_TYPES or any(_is_named(config, field) for field in fields)
