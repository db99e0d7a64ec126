"""The weights are in adapter_model.bin, a Python pickle, with no adapter_model.safetensors beside it. PEFT loads it
(with `weights_only=True` in recent versions), so for PEFT nothing is wrong.

Others do not: text-generation-inference and LoRAX read .safetensors only, hubs mark pickles as unsafe, and people
are right not to unpickle a stranger's file with an old torch, since a pickle can run any program when it is read.
adapterlint never unpickles it; what it would import is unsafe-pickle's to tell.

To change it, load the file where it was made and save it again:

    import torch
    from safetensors.torch import save_file
    tensors = torch.load("adapter_model.bin", map_location="cpu", weights_only=True)
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, "adapter_model.safetensors")
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.artifacts.imports import suspicious
from adapterlint.model import Example, ExampleTensor, Place, Rule, Severity, TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding, Target

_CONFIG = {"peft_type": "LORA", "base_model_name_or_path": "bert-base-uncased", "target_modules": ["query"], "r": 2}
_QUERY = "base_model.model.encoder.layer.0.attention.self.query"
_TENSORS = {f"{_QUERY}.lora_A.weight": ExampleTensor((2, 4)), f"{_QUERY}.lora_B.weight": ExampleTensor((4, 2))}

RULE = Rule(
    id="pickle-weights",
    family="weights",
    severity=Severity.info,
    summary="weights as a Python pickle only, which several engines do not read",
    why=__doc__ or "",
    examples=(
        Example("a .bin alone", config=_CONFIG, pickled=_TENSORS),
        Example("both", fires=0, config=_CONFIG, tensors=_TENSORS, pickled=_TENSORS),
        Example("safetensors", fires=0, config=_CONFIG, tensors=_TENSORS),
    ),
    references=("https://huggingface.co/docs/safetensors",),
)


def check(target: Target, weights: Weights) -> Iterator[Finding]:
    """At most one finding, at the file."""
    if target.kind is not TargetKind.adapter or not weights.pickled or any(suspicious(weights.globals)):
        return
    name = weights.path.rpartition("/")[2]
    message = f"{name} is a Python pickle, which text-generation-inference and LoRAX do not read"
    yield RULE.finding(message, Place(weights.path))
