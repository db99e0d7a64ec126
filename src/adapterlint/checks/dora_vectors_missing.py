"""DoRA trains two things: a direction, which is LoRA's product, and a magnitude for every output of the layer. The
config says `use_dora`, but modules lack their `lora_magnitude_vector`. PEFT makes the missing vectors anew, as the
norms of the base weight with the update, and warns of missing keys at most; what was learnt of the magnitudes is
gone. (Measured with PEFT 0.12, 0.18 and 0.21: the output is neither the base's nor the trained one's.)

It comes from filtering a state dict by `lora_A` and `lora_B`, from converters and merge tools that know LoRA only, and
from setting `use_dora` in the config of a plain LoRA.

To mend it, save again with `model.save_pretrained(folder)` from the trained model. If the adapter was trained without
DoRA, set `use_dora` to false.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.loadplan.keyform import split
from adapterlint.loadplan.pairs import all_of, in_groups, layout
from adapterlint.model import Example, ExampleTensor, Rule, Severity, Status, TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding, Target

_CONFIG = {
    "peft_type": "LORA",
    "base_model_name_or_path": "bert-base-uncased",
    "target_modules": ["query"],
    "r": 2,
    "use_dora": True,
}
_QUERY = "base_model.model.encoder.layer.{}.attention.self.query"


def _module(at: int, *, vector: bool = True) -> dict[str, ExampleTensor]:
    path = _QUERY.format(at)
    pair = {f"{path}.lora_A.weight": ExampleTensor((2, 4)), f"{path}.lora_B.weight": ExampleTensor((4, 2))}
    return {**pair, f"{path}.lora_magnitude_vector": ExampleTensor((4,))} if vector else pair


RULE = Rule(
    id="dora-vectors-missing",
    family="weights",
    severity=Severity.error,
    summary="use_dora is set, but magnitudes are not in the file",
    why=__doc__ or "",
    examples=(
        Example(
            "saved by a tool that knows LoRA only",
            config=_CONFIG,
            tensors=_module(0, vector=False),
            status=Status.partly_loaded,
        ),
        Example(
            "one of two modules",
            config=_CONFIG,
            tensors={**_module(0), **_module(1, vector=False)},
            status=Status.partly_loaded,
        ),
        Example("all there", fires=0, config=_CONFIG, tensors=_module(0)),
        Example("plain LoRA", fires=0, config={**_CONFIG, "use_dora": False}, tensors=_module(0, vector=False)),
    ),
)


def check(target: Target, config: Config, weights: Weights) -> Iterator[Finding]:
    """At most one finding, at the first module without its vector."""
    if target.kind is not TargetKind.adapter or config.peft_type != "LORA" or config.get("use_dora") is not True:
        return
    parts = [part for part in map(split, weights.tensors) if part is not None]
    have = {part.module for part in parts if part.factor == "lora_magnitude_vector"}
    pairs = layout(weights.tensors).complete
    without = [pair for pair in pairs if pair.module not in have]
    if not without:
        return
    where = all_of(len(pairs)) if len(without) == len(pairs) else f"{len(without)} of {len(pairs)} modules"
    message = (
        f"use_dora is set, but lora_magnitude_vector is missing in {where} ({in_groups(without)}), "
        "so PEFT makes new ones from the base weight"
    )
    place = weights.place(without[0].names[0])
    related = (config.place("/use_dora"),)
    yield RULE.finding(message, place, related=related, status=Status.partly_loaded)
