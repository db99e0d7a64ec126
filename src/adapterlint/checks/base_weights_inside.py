"""Weights of the base model travel in the adapter's file. PEFT loads them like everything else: each one overwrites
the base's own weight, silently, and stays in place under `disable_adapter()` (measured with PEFT 0.18 and 0.21). If
they are exact copies, the file is merely many times too big; if they come from another base, another revision, a
quantised twin or a state that training has moved, the model is no longer the one the config names.

PEFT itself adds at most the input and output embeddings (where they are targeted or resized), modules in
`modules_to_save` and trained biases; those are left out here. Whole layers come from saving `model.state_dict()`
instead of the adapter's, from FSDP and DeepSpeed checkpoints, and from saving before merging.

To mend it, save with `model.save_pretrained(folder)`. Files that exist can be cleaned without loss: keep the keys
with an adapter's factor in them and those named in `modules_to_save`, and drop the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.artifacts.files import human_size
from adapterlint.knowledge.keys import PEFT_PREFIX
from adapterlint.loadplan.keyform import KeyForm, keyform, split
from adapterlint.model import Example, ExampleTensor, Rule, Severity, Status, TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding, Target

_CONFIG = {"peft_type": "LORA", "base_model_name_or_path": "gpt2", "target_modules": ["q_proj"], "r": 2}
_LAYER = "base_model.model.model.layers.{}.{}"
_PAIR = {
    _LAYER.format(0, "self_attn.q_proj.lora_A.weight"): ExampleTensor((2, 4)),
    _LAYER.format(0, "self_attn.q_proj.lora_B.weight"): ExampleTensor((4, 2)),
}
_MLP = {_LAYER.format(at, "mlp.up_proj.weight"): ExampleTensor((8, 4)) for at in range(2)}

RULE = Rule(
    id="base-weights-inside",
    family="load",
    severity=Severity.warning,
    summary="copies of the base model's layers, which overwrite the base on loading",
    why=__doc__ or "",
    examples=(
        Example("saved with the whole state dict", config=_CONFIG, tensors={**_PAIR, **_MLP}, status=Status.unknown),
        Example(
            "what PEFT keeps under its layers",
            config=_CONFIG,
            tensors={
                **_PAIR,
                _LAYER.format(0, "self_attn.q_proj.base_layer.weight"): ExampleTensor((4, 4)),
                _LAYER.format(1, "self_attn.q_proj.base_layer.weight"): ExampleTensor((4, 4)),
            },
            status=Status.unknown,
        ),
        Example(
            "trained with the adapter and named so",
            fires=0,
            config={**_CONFIG, "modules_to_save": ["up_proj"]},
            tensors={**_PAIR, **_MLP},
        ),
        Example(
            "embeddings that PEFT saves itself",
            fires=0,
            config={**_CONFIG, "target_modules": ["q_proj", "embed_tokens", "lm_head"]},
            tensors={
                **_PAIR,
                "base_model.model.model.embed_tokens.base_layer.weight": ExampleTensor((9, 4)),
                "base_model.model.lm_head.base_layer.weight": ExampleTensor((9, 4)),
            },
        ),
        Example("an adapter", fires=0, config=_CONFIG, tensors=_PAIR),
    ),
    references=("https://github.com/huggingface/peft/issues/2892",),
)

_IN_LAYER = re.compile(r"\.\d+\..*\.weight$")


def check(target: Target, config: Config, weights: Weights) -> Iterator[Finding]:
    """At most one finding, at the first copy. One matrix alone may be a head or an odd embedding."""
    if target.kind is not TargetKind.adapter or not config.is_peft or keyform(weights.tensors) is KeyForm.xlora:
        return
    saved = config.get("modules_to_save")
    named = tuple(name for name in saved if isinstance(name, str)) if isinstance(saved, list) else ()
    copies = [name for name, it in weights.tensors.items() if len(it.shape) > 1 and _is_copy(name, named)]
    if len(copies) < 2:
        return
    size = human_size(sum(weights.tensors[name].nbytes for name in copies))
    message = (
        f"{len(copies)} weights of the base model's layers ({size} of {human_size(weights.nbytes)}) are in the file, "
        "so loading the adapter overwrites the base with them"
    )
    yield RULE.finding(message, weights.place(copies[0]), status=Status.unknown)


def _is_copy(name: str, saved: tuple[str, ...]) -> bool:
    """Whether the tensor is a weight inside a numbered layer that is no adapter's and not saved on purpose."""
    if not name.startswith(PEFT_PREFIX) or split(name) is not None or not _IN_LAYER.search(name):
        return False
    return not any(f".{module}." in name for module in saved)
