"""The weights are here, but adapter_config.json is not. `PeftModel.from_pretrained` stops with "Can't find
'adapter_config.json'", and what it holds cannot be won back from the tensors: the rank can be read from their shapes,
but not `lora_alpha`, and so not how strongly the update counts. A reader that assumes alpha = rank gives a plausible,
wrong model without a word.

Usually the config was left behind: only *.safetensors was copied, or an adapter was saved under a name of its own, so
that its config lies in a folder below. Files of other families (kohya, diffusers, MLX, …) need no such config; they
are named as what they are, and not checked further.

To mend it, copy adapter_config.json from where the adapter was trained, or save it again with
`model.save_pretrained(folder)`. If it is lost, write it anew with the `LoraConfig` of the training script.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from adapterlint.model import Example, ExampleTensor, Place, Rule, Severity, Status, TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding, Target

_QUERY = "base_model.model.encoder.layer.0.attention.self.query"
_PAIR = {f"{_QUERY}.lora_A.weight": ExampleTensor((2, 4)), f"{_QUERY}.lora_B.weight": ExampleTensor((4, 2))}
_KOHYA = "lora_unet_down_blocks_0_attentions_0_proj_in"

RULE = Rule(
    id="config-missing",
    family="config",
    severity=Severity.warning,
    summary="adapter weights without the adapter_config.json that says how to apply them",
    why=__doc__ or "",
    examples=(
        Example("weights whose config was left behind", tensors=_PAIR, status=Status.unknown),
        Example(
            "weights of another family need none",
            tensors={
                f"{_KOHYA}.lora_down.weight": ExampleTensor((2, 4)),
                f"{_KOHYA}.lora_up.weight": ExampleTensor((4, 2)),
                f"{_KOHYA}.alpha": ExampleTensor(()),
            },
            severity=Severity.info,
            status=Status.not_checked,
        ),
        Example(
            "config and weights together",
            fires=0,
            config={"peft_type": "LORA", "r": 2, "target_modules": ["query"]},
            tensors=_PAIR,
        ),
        Example("a config that cannot be read is another fault", fires=0, files={"adapter/adapter_config.json": ""}),
    ),
)


def check(target: Target, weights: Weights) -> Iterator[Finding]:
    """At most one finding, at the weights."""
    if target.kind is not TargetKind.adapter or target.config is not None or _has_neighbour(target):
        return
    from adapterlint.loadplan.keyform import keyform

    form = keyform(weights.tensors)
    name = Path(weights.path).name
    if form.is_foreign:
        message = f"{name} holds an adapter of {form.value}, whose files have no adapter_config.json"
        place = Place(weights.path)
        yield RULE.finding(message, place, severity=Severity.info, status=Status.not_checked)
    elif form.is_adapter or not target.lone:
        message = f"no adapter_config.json beside {name}, so PEFT cannot load it and its alpha is not known"
        yield RULE.finding(message, Place(weights.path), status=Status.unknown)


def _has_neighbour(target: Target) -> bool:
    """Whether a lone file lies beside a config, which then is its folder's matter."""
    return target.lone and Path(target.path).with_name("adapter_config.json").exists()
