"""The tokenizer saved beside the adapter has tokens that the base's embedding has no row for, and the adapter brings
none. Whoever loads it must call `resize_token_embeddings`, and gets new rows at random: the tokens that training taught
(chat markers, tool calls, domain words) mean nothing, and no library says so. Without the resize the lookup fails, on a
GPU as a device-side assert.

PEFT saves a resized embedding by itself only where it can compare it with the config of the base, in its folder or on
the Hub: not offline, and not with `save_embedding_layers=False`. Otherwise the embedding travels only if
`modules_to_save` or `trainable_token_indices` names it.

How many rows the base has is taken from `--base`, from the folder or the Hub's cache that `base_model_name_or_path`
names, or from a short list of well-known models; where it is not known nothing is said. Tokens that only pad do not
count: nothing attends to them.

To mend it, save again from the training process with `model.save_pretrained(folder, save_embedding_layers=True)`, or
train with `trainable_token_indices` for the new tokens. If the process is gone, so are the rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from adapterlint.model import Example, ExampleTensor, Place, Rule, Severity

if TYPE_CHECKING:
    from adapterlint.artifacts.base import Base
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.tokenizer import Tokenizer
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding

_CONFIG: dict[str, Any] = {
    "peft_type": "LORA",
    "base_model_name_or_path": "mistralai/Mistral-7B-v0.1",
    "target_modules": ["q_proj"],
    "r": 2,
    "lora_alpha": 4,
}
_Q = "base_model.model.model.layers.0.self_attn.q_proj"
_PAIR = {f"{_Q}.lora_A.weight": ExampleTensor((2, 8)), f"{_Q}.lora_B.weight": ExampleTensor((8, 2))}
_CHAT = {"<|im_start|>": 32000, "<|im_end|>": 32001}


def _beside(name: str, value: object) -> dict[str, str | bytes]:
    return {f"adapter/{name}": json.dumps(value)}


RULE = Rule(
    id="tokens-without-embedding",
    family="load",
    severity=Severity.warning,
    summary="a tokenizer with tokens for which neither the base nor the adapter has an embedding",
    why=__doc__ or "",
    examples=(
        Example("chat markers were added", config=_CONFIG, tensors=_PAIR, files=_beside("added_tokens.json", _CHAT)),
        Example(
            "as a fast tokenizer writes them",
            config=_CONFIG,
            tensors=_PAIR,
            files=_beside(
                "tokenizer_config.json",
                {"added_tokens_decoder": {"2": {"content": "</s>"}, "32000": {"content": "<call>"}}},
            ),
        ),
        Example(
            "in tokenizer.json alone",
            config=_CONFIG,
            tensors=_PAIR,
            files=_beside("tokenizer.json", {"version": "1.0", "added_tokens": [{"id": 32000, "content": "<call>"}]}),
        ),
        Example(
            "the embedding travels with the adapter",
            fires=0,
            config={**_CONFIG, "modules_to_save": ["embed_tokens"]},
            tensors={**_PAIR, "base_model.model.model.embed_tokens.weight": ExampleTensor((32002, 1))},
            files=_beside("added_tokens.json", _CHAT),
        ),
        Example(
            "the new rows travel with the adapter",
            fires=0,
            config={**_CONFIG, "trainable_token_indices": [32000, 32001]},
            tensors={
                **_PAIR,
                "base_model.model.model.embed_tokens.token_adapter.trainable_tokens_delta": ExampleTensor((2, 8)),
            },
            files=_beside("added_tokens.json", _CHAT),
        ),
        Example(
            "a token to pad with",
            fires=0,
            config=_CONFIG,
            tensors=_PAIR,
            files=_beside("added_tokens.json", {"[PAD]": 32000}),
        ),
        Example(
            "tokens for which the base has rows",
            fires=0,
            config=_CONFIG,
            tensors=_PAIR,
            files=_beside("added_tokens.json", {"<unk>": 0, "<s>": 1}),
        ),
        Example(
            "a base of which nothing is known",
            fires=0,
            config={**_CONFIG, "base_model_name_or_path": "someone/a-base-of-their-own"},
            tensors=_PAIR,
            files=_beside("added_tokens.json", _CHAT),
        ),
    ),
    references=("https://github.com/huggingface/peft/issues/838",),
)


def check(config: Config, weights: Weights, tokenizer: Tokenizer, base: Base | None = None) -> Iterator[Finding]:
    """At most one finding, at the tokenizer's file."""
    if not config.is_peft or _brings_rows(config, weights):
        return
    tokens = tokenizer.added
    rows = _rows(config, base) if tokens else None
    new = sorted((number, text) for text, number in tokens.items() if rows is not None and number >= rows)
    if not new or any(new[-1][0] < size for tensor in weights.tensors.values() for size in tensor.shape):
        return
    named = ", ".join(text[:40] for _, text in new[:3]) + (f" and {len(new) - 3} more" if len(new) > 3 else "")
    what = "a token" if len(new) == 1 else f"{len(new)} tokens"
    message = f"the tokenizer has {what} ({named}) beyond the {rows} rows of the base's embedding"
    yield RULE.finding(
        message, Place(f"{tokenizer.folder}/{tokenizer.files[0]}"), related=[config.place("/base_model_name_or_path")]
    )


def _brings_rows(config: Config, weights: Weights) -> bool:
    """Whether something in the adapter is, or may be, an embedding of its own."""
    if config.get("trainable_token_indices") or config.peft_type == "TRAINABLE_TOKENS":
        return True
    return any("token_adapter" in name or "trainable_tokens" in name for name in weights.tensors)


def _rows(config: Config, base: Base | None) -> int | None:
    """Rows of the base's input embedding; None where they are not known."""
    from adapterlint.knowledge.vocabularies import ROWS

    named = config.get("base_model_name_or_path")
    if base is None and isinstance(named, str) and named:
        from adapterlint.artifacts import base as bases
        from adapterlint.model import Broken

        found = bases.read(named)
        base = None if isinstance(found, Broken) else found
    if base is None:
        return ROWS.get(named.lower()) if isinstance(named, str) else None
    shape = base.parameters.get(f"{base.input_embeddings}.weight")
    size = shape[0] if shape else base.config.get("vocab_size")
    return size if isinstance(size, int) else None
