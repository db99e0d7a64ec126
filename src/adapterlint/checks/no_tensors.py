"""The weights file is there and can be read, but nothing in it is an adapter's. PEFT loads such a file without an
exception, warns of missing keys at most, and the model's output is the base model's.

Two things leave such a file. A save from a partitioned model (DeepSpeed ZeRO-3, FSDP) writes an empty dictionary, about
40 bytes. A home-made save keeps only some names of the state dict, for example alpha and dropout scalars.

To mend it, save again from a model that holds its weights whole: with ZeRO-3, through
`accelerator.get_state_dict(model)` passed to `model.save_pretrained(folder, state_dict=...)`, or
`stage3_gather_16bit_weights_on_model_save`; with FSDP, with the full state dict type.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.knowledge.keys import SCALARS
from adapterlint.loadplan.keyform import split
from adapterlint.model import Example, ExampleTensor, Place, Rule, Severity, Status, TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding, Target

_CONFIG = {"peft_type": "LORA", "base_model_name_or_path": "bert-base-uncased", "target_modules": ["query"], "r": 2}
_QUERY = "base_model.model.encoder.layer.0.attention.self.query"

RULE = Rule(
    id="no-tensors",
    family="weights",
    severity=Severity.error,
    summary="weights without a single tensor of an adapter",
    why=__doc__ or "",
    examples=(
        Example("an empty file", config=_CONFIG, tensors={}, status=Status.loads_nothing),
        Example(
            "only scalars",
            config=_CONFIG,
            tensors={f"{_QUERY}.alpha": ExampleTensor((), 8.0), f"{_QUERY}.dropout_p": ExampleTensor((), 0.0)},
            status=Status.loads_nothing,
        ),
        Example(
            "a head and nothing else",
            config=_CONFIG,
            tensors={"base_model.model.classifier.weight": ExampleTensor((2, 4))},
            status=Status.partly_loaded,
        ),
        Example(
            "an ordinary adapter",
            fires=0,
            config=_CONFIG,
            tensors={
                f"{_QUERY}.lora_A.weight": ExampleTensor((2, 4)),
                f"{_QUERY}.lora_B.weight": ExampleTensor((4, 2)),
            },
        ),
        Example(
            "prompt embeddings are all that prompt tuning saves",
            fires=0,
            config={"peft_type": "PROMPT_TUNING", "base_model_name_or_path": "gpt2", "num_virtual_tokens": 2},
            tensors={"prompt_embeddings": ExampleTensor((2, 4))},
        ),
    ),
    references=("https://github.com/huggingface/peft/issues/2892", "https://github.com/huggingface/trl/issues/4416"),
)


def check(target: Target, weights: Weights, config: Config | None = None) -> Iterator[Finding]:
    """At most one finding, at the weights."""
    if target.kind is not TargetKind.adapter or (config is not None and config.peft_type == "XLORA"):
        return  # PEFT writes the tensors of X-LoRA into the folders of its sub-adapters
    if not weights.tensors and any(map(split, weights.opaque)):
        return  # not-a-tensor tells what is there in their place, or unsafe-pickle does
    if not weights.tensors:
        yield RULE.finding("the weights hold no tensors at all", Place(weights.path), status=Status.loads_nothing)
        return
    first = next(iter(weights.tensors))
    if all(name.rpartition(".")[2] in SCALARS for name in weights.tensors):
        message = f"no lora_A, no lora_B and no other update is {_among(weights)}"
        yield RULE.finding(message, weights.place(first), status=Status.loads_nothing)
    elif config is not None:
        yield from _unlike(config, weights, first)


def _unlike(config: Config, weights: Weights, first: str) -> Iterator[Finding]:
    """A finding if the file certainly holds nothing of the config's type, which is certain for LoRA."""
    if config.peft_type == "LORA" and not any(map(split, weights.tensors)):
        message = f"no lora_A and no lora_B is {_among(weights)}"
        yield RULE.finding(message, weights.place(first), status=Status.partly_loaded)


def _among(weights: Weights) -> str:
    """Where nothing was found: "among the 4 tensors (only alpha)"."""
    number = len(weights.tensors)
    ends = list(dict.fromkeys(name.rpartition(".")[2] for name in weights.tensors))
    if number == 1:
        return f"in the file, whose only tensor is {next(iter(weights.tensors))}"
    return f"among the {number} tensors (only {', '.join(ends[:3])}{' and others' if len(ends) > 3 else ''})"
