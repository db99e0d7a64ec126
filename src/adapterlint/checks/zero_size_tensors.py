"""Some tensors have a shape with a 0 in it and so hold no values. DeepSpeed ZeRO-3 and FSDP keep such placeholders in
the parameter objects while the values lie on other processes; a save that does not gather them first writes the
placeholders. PEFT refuses to load the file ("size mismatch"), measured with 0.18 and 0.21.

AdaLoRA is the exception: a module it has pruned to rank 0 is saved so on purpose.

To mend it, gather before saving: with ZeRO-3 pass `accelerator.get_state_dict(model)` to
`model.save_pretrained(folder, state_dict=...)` or set `stage3_gather_16bit_weights_on_model_save`; with FSDP use the
full state dict type. What was on the other processes is not in this file: fetch it from a checkpoint of the trainer
(`zero_to_fp32.py` puts ZeRO shards together).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.loadplan.pairs import is_empty
from adapterlint.model import Example, ExampleTensor, Rule, Severity, Status, TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding, Target

_CONFIG = {"peft_type": "LORA", "base_model_name_or_path": "bert-base-uncased", "target_modules": ["query"], "r": 2}
_QUERY = "base_model.model.encoder.layer.{}.attention.self.query"
_WHOLE = {
    f"{_QUERY.format(0)}.lora_A.weight": ExampleTensor((2, 4)),
    f"{_QUERY.format(0)}.lora_B.weight": ExampleTensor((4, 2)),
}

RULE = Rule(
    id="zero-size-tensors",
    family="weights",
    severity=Severity.error,
    summary="placeholders without values, which PEFT refuses to load",
    why=__doc__ or "",
    examples=(
        Example(
            "one layer was on another process",
            config=_CONFIG,
            tensors={
                **_WHOLE,
                f"{_QUERY.format(1)}.lora_A.weight": ExampleTensor((0,)),
                f"{_QUERY.format(1)}.lora_B.weight": ExampleTensor((0,)),
            },
            status=Status.unreadable,
        ),
        Example(
            "all of them",
            config=_CONFIG,
            tensors={name: ExampleTensor((0,)) for name in _WHOLE},
            status=Status.unreadable,
        ),
        Example("whole tensors", fires=0, config=_CONFIG, tensors=_WHOLE),
        Example(
            "AdaLoRA prunes to rank 0",
            fires=0,
            config={**_CONFIG, "peft_type": "ADALORA"},
            tensors={
                f"{_QUERY.format(0)}.lora_A": ExampleTensor((0, 4)),
                f"{_QUERY.format(0)}.lora_B": ExampleTensor((4, 0)),
                f"{_QUERY.format(0)}.lora_E": ExampleTensor((0, 1)),
                f"{_QUERY.format(1)}.lora_A": ExampleTensor((2, 4)),
                f"{_QUERY.format(1)}.lora_B": ExampleTensor((4, 2)),
                f"{_QUERY.format(1)}.lora_E": ExampleTensor((2, 1)),
            },
        ),
    ),
    references=(
        "https://github.com/huggingface/peft/issues/2500",
        "https://github.com/huggingface/peft/issues/2450",
        "https://github.com/huggingface/accelerate/issues/3508",
    ),
)


def check(target: Target, weights: Weights, config: Config | None = None) -> Iterator[Finding]:
    """At most one finding, at the first empty tensor."""
    if target.kind is not TargetKind.adapter or (config is not None and config.peft_type == "ADALORA"):
        return
    empty = [name for name, tensor in weights.tensors.items() if is_empty(tensor.shape)]
    if not empty:
        return
    shape, total = list(weights.tensors[empty[0]].shape), len(weights.tensors)
    if len(empty) == total:
        count = f"all {total} tensors are" if total > 1 else "the only tensor is"
    else:
        count = f"{len(empty)} of {total} tensors {'are' if len(empty) > 1 else 'is'}"
    other = " or empty in another way" if len({weights.tensors[name].shape for name in empty}) > 1 else ""
    message = f"{count} of shape {shape}{other}, a placeholder without values, which PEFT refuses to load"
    yield RULE.finding(message, weights.place(empty[0]), status=Status.unreadable)
