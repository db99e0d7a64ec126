"""The file holds DoRA's magnitude vectors, but the config does not say `use_dora`. PEFT then builds plain LoRA layers,
drops the vectors without a word, and adds the product where it was trained to be normalised together with the base
weight: another model, and no warning. (Measured with PEFT 0.12, 0.18 and 0.21: the output is neither the base's nor the
trained one's.)

It comes from a config that was written anew or cut down to the fields some tool knows, and from a PEFT before 0.9
that loaded the config and saved it again.

To mend it, set `"use_dora": true` in adapter_config.json.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.loadplan.keyform import split
from adapterlint.model import Example, ExampleTensor, Rule, Severity, Status, TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding, Target

_CONFIG = {"peft_type": "LORA", "base_model_name_or_path": "bert-base-uncased", "target_modules": ["query"], "r": 2}
_QUERY = "base_model.model.encoder.layer.0.attention.self.query"
_TENSORS = {
    f"{_QUERY}.lora_A.weight": ExampleTensor((2, 4)),
    f"{_QUERY}.lora_B.weight": ExampleTensor((4, 2)),
    f"{_QUERY}.lora_magnitude_vector": ExampleTensor((4,)),
}

RULE = Rule(
    id="dora-flag-off",
    family="config",
    severity=Severity.error,
    summary="DoRA magnitudes in the file, but use_dora is not set",
    why=__doc__ or "",
    examples=(
        Example("the flag is gone", config=_CONFIG, tensors=_TENSORS, status=Status.wrong),
        Example("the flag is false", config={**_CONFIG, "use_dora": False}, tensors=_TENSORS, status=Status.wrong),
        Example("DoRA", fires=0, config={**_CONFIG, "use_dora": True}, tensors=_TENSORS),
    ),
)


def check(target: Target, config: Config, weights: Weights) -> Iterator[Finding]:
    """At most one finding, at the flag, or at the config where it is not there."""
    if target.kind is not TargetKind.adapter or config.peft_type != "LORA" or config.get("use_dora"):
        return
    parts = {name: part for name in weights.tensors if (part := split(name)) is not None}
    vectors = [name for name, part in parts.items() if part.factor == "lora_magnitude_vector"]
    if not vectors:
        return
    said = "use_dora is not set" if config.get("use_dora") is None else "use_dora is false"
    count = (
        f"the file holds {len(vectors)} magnitude vectors" if len(vectors) > 1 else "the file holds a magnitude vector"
    )
    message = f"{said}, but {count} of DoRA, so PEFT drops them and applies plain LoRA"
    place = config.place("/use_dora" if "use_dora" in config.data else "")
    yield RULE.finding(message, place, related=(weights.place(vectors[0]),), status=Status.wrong)
