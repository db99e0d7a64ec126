"""The updates of all experts of a layer are packed into two matrices (`target_parameters`): lora_A has the rows of one
expert after the other, and in lora_B the experts take turns, column by column. So PEFT writes and reads them. Unsloth
before September 2026 trained with lora_B packed as lora_A is, expert after expert, and saved it so. Shapes and names
are the same; measured with PEFT 0.21.2 on a tiny Mixtral, reading one as the other errs by as much as the adapter
changes at all, since every expert gets the columns of others.

Values sometimes show it: an expert that no token was routed to keeps columns of zeros. With PEFT they are every
E-th column, E being the number of experts; if they are the r columns of one block instead, the file is packed the
other way, and that is a warning. Where no such columns are, and the config names unsloth, it is noted only. An
adapter written by PEFT itself is silent.

To mend it, rearrange each lora_B, once you know that it is packed by expert (the loss of the training run on a few
samples tells): `B.reshape(out, E, r).permute(0, 2, 1).reshape(out, E * r).contiguous()`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.loadplan.pairs import layout
from adapterlint.model import Example, ExampleTensor, Rule, Severity, Status

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.loadplan.pairs import Pair
    from adapterlint.model import Finding

_CONFIG = {
    "peft_type": "LORA",
    "base_model_name_or_path": "tiny",
    "target_modules": [],
    "target_parameters": ["mlp.experts.down_proj"],
    "r": 2,
}
_UNSLOTH = {**_CONFIG, "base_model_name_or_path": "unsloth/tiny"}
_STEM = "base_model.model.model.layers.0.mlp.experts"


def _packed(*columns: float) -> dict[str, str | bytes]:
    """A config and a file with one lora_B whose columns hold these numbers, of rank 2."""
    import json
    import struct

    number = len(columns)
    values = struct.pack(f"<{4 * number}f", *([0.5] * 2 * number), *columns, *columns)
    header = json.dumps(
        {
            f"{_STEM}.lora_A.weight": {"dtype": "F32", "shape": [number, 2], "data_offsets": [0, 8 * number]},
            f"{_STEM}.lora_B.weight": {"dtype": "F32", "shape": [2, number], "data_offsets": [8 * number, 16 * number]},
        }
    ).encode()
    header += b" " * (-len(header) % 8)
    return {
        "adapter/adapter_config.json": json.dumps(_CONFIG),
        "adapter/adapter_model.safetensors": struct.pack("<Q", len(header)) + header + values,
    }


_TENSORS = {f"{_STEM}.lora_A.weight": ExampleTensor((6, 4)), f"{_STEM}.lora_B.weight": ExampleTensor((4, 6))}

RULE = Rule(
    id="experts-packed-apart",
    family="weights",
    severity=Severity.warning,
    summary="packed experts in another order than PEFT reads them in",
    why=__doc__ or "",
    examples=(
        Example("an idle expert is a block", files=_packed(1, 2, 0, 0, 3, 4), status=Status.wrong),
        Example("the writer may be unsloth", config=_UNSLOTH, tensors=_TENSORS, severity=Severity.info),
        Example("an idle expert is every third column", fires=0, files=_packed(1, 0, 2, 3, 0, 4)),
        Example("PEFT's own", fires=0, config=_CONFIG, tensors=_TENSORS),
        Example(
            "unsloth, without experts",
            fires=0,
            config={**_UNSLOTH, "target_modules": ["q_proj"], "target_parameters": None},
            tensors={
                "base_model.model.q_proj.lora_A.weight": ExampleTensor((2, 4)),
                "base_model.model.q_proj.lora_B.weight": ExampleTensor((4, 2)),
            },
        ),
    ),
    references=(
        "https://github.com/unslothai/unsloth/issues/6930",
        "https://github.com/unslothai/unsloth-zoo/pull/1269",
    ),
)


def check(config: Config, weights: Weights) -> Iterator[Finding]:
    """At most one finding, at the first lora_B that shows it."""
    if config.peft_type != "LORA" or not config.get("target_parameters") or config.get("rank_pattern"):
        return  # with ranks of their own the number of experts is not known
    orders = {pair: _order(weights, pair, rank) for pair, rank in _packs(config, weights)}
    blocks = [pair for pair, order in orders.items() if order == "blocks"]
    if blocks and "turns" not in orders.values():
        where = f"in {len(blocks)} of {len(orders)} modules"
        message = (
            f"lora_B of the packed experts has its zeros in blocks of columns {where}, so it is packed expert after "
            "expert and PEFT gives each one the columns of others"
        )
        place = weights.place(blocks[0].second or "")
        yield RULE.finding(message, place, status=Status.wrong)
    elif orders and "turns" not in orders.values() and "unsloth" in config.text.lower():
        message = (
            "the experts are packed and the config names unsloth, which packed lora_B in another order until 2026-09"
        )
        place = weights.place(next(iter(orders)).second or "")
        yield RULE.finding(message, place, severity=Severity.info)


def _packs(config: Config, weights: Weights) -> Iterator[tuple[Pair, int]]:
    """The pairs that hold several experts, with the rank of each."""
    for pair in layout(weights.tensors).complete:
        first, second = (weights.tensors[name].shape for name in pair.names)
        rank = config.rank(pair.module)
        if rank is None or rank < 2 or len(first) != 2 or len(second) != 2 or first[0] != second[1]:
            continue
        if first[0] > rank and first[0] % rank == 0 and pair.module.removesuffix(".base_layer").endswith("experts"):
            yield pair, rank


def _order(weights: Weights, pair: Pair, rank: int) -> str:
    """How experts that were not trained lie in lora_B: in "blocks", by "turns", or "" where none or both show."""
    from adapterlint.artifacts.weights.values import read_values

    weights.asked = True
    values = read_values(weights.tensors[pair.second or ""])
    if values is None:
        return ""
    idle = ~values.any(axis=0)
    if not idle.any() or idle.all():
        return ""
    blocks = idle.reshape(-1, rank)
    turns = idle.reshape(rank, -1)
    in_blocks = bool((blocks == blocks[:, :1]).all())
    by_turns = bool((turns == turns[:1]).all())
    return "" if in_blocks == by_turns else "blocks" if in_blocks else "turns"
