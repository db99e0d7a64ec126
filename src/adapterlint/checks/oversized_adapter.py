"""Most of the file is not the adapter: whole embeddings or heads travel with it, each as large as in the base model.
Nothing is broken, but an adapter of a few megabytes becomes one of gigabytes, loads slowly, and cannot be served
beside others: vLLM and llama.cpp refuse or skip such tensors.

PEFT saves the input and output embeddings in whole when one of them is targeted (`embed_tokens`, `lm_head`), when it
sees that the vocabulary grew, or when `modules_to_save` names them. Sometimes that is meant: new tokens have to be
trained and kept. Often it is not, as where `all-linear` or a list copied from elsewhere took `lm_head` along.

To make it small, train new tokens with `trainable_token_indices`, which saves their rows only; leave `embed_tokens`
and `lm_head` out of `target_modules`; or save with `save_embedding_layers=False` where they were not trained.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.artifacts.files import human_size
from adapterlint.loadplan.keyform import keyform, split
from adapterlint.model import Example, ExampleTensor, Rule, Severity, TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding, Target

_CONFIG = {"peft_type": "LORA", "base_model_name_or_path": "gpt2", "target_modules": ["q_proj", "lm_head"], "r": 2}
_PAIR = {
    f"base_model.model.{module}.lora_{factor}.weight": ExampleTensor(shape)
    for module in ("model.layers.0.q_proj", "lm_head")
    for factor, shape in (("A", (2, 4)), ("B", (4, 2)))
}
_MANY = 4_000_000
"""Bytes of whole layers below which nobody minds them: a classifier's head is smaller."""

RULE = Rule(
    id="oversized-adapter",
    family="weights",
    severity=Severity.info,
    summary="most of the file is whole embeddings or heads, not the adapter",
    why=__doc__ or "",
    examples=(
        Example(
            "lm_head was targeted, and its weight comes along",
            config=_CONFIG,
            tensors={**_PAIR, "base_model.model.lm_head.base_layer.weight": ExampleTensor((1024, 1024))},
        ),
        Example(
            "a small head",
            fires=0,
            config={**_CONFIG, "modules_to_save": ["score"]},
            tensors={**_PAIR, "base_model.model.score.weight": ExampleTensor((2, 64))},
        ),
        Example("the adapter alone", fires=0, config=_CONFIG, tensors=_PAIR),
    ),
    references=("https://github.com/unslothai/unsloth/issues/1093",),
)

_IN_LAYER = re.compile(r"\.\d+\.")


def check(target: Target, weights: Weights) -> Iterator[Finding]:
    """At most one finding, at the largest whole layer. Those inside numbered layers are base-weights-inside's."""
    if target.kind is not TargetKind.adapter or not keyform(weights.tensors).is_adapter:
        return
    whole = {
        name: tensor.nbytes
        for name, tensor in weights.tensors.items()
        if len(tensor.shape) > 1 and split(name) is None and not _IN_LAYER.search(name)
    }
    size, total = sum(whole.values()), weights.nbytes
    if size < _MANY or 2 * size < total:
        return
    largest = max(whole, key=lambda name: whole[name])
    more = f" and {len(whole) - 1} more" if len(whole) > 1 else ""
    message = f"{round(100 * size / total)} % of the {human_size(total)} are whole layers ({largest}{more})"
    yield RULE.finding(message, weights.place(largest))
