"""The rank in adapter_config.json (`r`, or the entry of `rank_pattern` that fits the module) is not the rank the
tensors were saved with. PEFT builds layers of the config's rank and then cannot put the tensors in: it raises a
size mismatch and nothing is loaded.

The rank of a module is the number of rows of lora_A and of columns of lora_B. An edited config, a config copied
from another run, a file overwritten by a checkpoint of another run, and LoRA saved by a library that fuses two
or three projections into one (`enable_lora`, merged linear) all give this disagreement.

To mend it, set `r` to the rank the tensors have if all modules agree, and keep the scaling lora_alpha / r that
the adapter was trained with; where modules differ, list them in `rank_pattern`. Weights in the old
merged-linear layout (lora_A with 2r rows, lora_B with three dimensions) fit no layer of today's PEFT and must
be split by hand or retrained.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from adapterlint.loadplan.keyform import keyform
from adapterlint.loadplan.pairs import is_empty, layout
from adapterlint.model import Example, ExampleTensor, Rule, Severity, Status, TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.loadplan.pairs import Pair
    from adapterlint.model import Finding, Target

_CONFIG = {"peft_type": "LORA", "base_model_name_or_path": "bert-base-uncased", "target_modules": ["query"], "r": 2}
_SELF = "base_model.model.encoder.layer.0.attention.self"
_EXPERTS = "base_model.model.model.layers.0.mlp.experts"

RULE = Rule(
    id="rank-differs",
    family="weights",
    severity=Severity.error,
    summary="tensors of another rank than the config's",
    why=__doc__ or "",
    examples=(
        Example(
            "r was edited",
            config={**_CONFIG, "r": 4},
            tensors={
                f"{_SELF}.query.lora_A.weight": ExampleTensor((2, 8)),
                f"{_SELF}.query.lora_B.weight": ExampleTensor((8, 2)),
            },
            status=Status.unreadable,
        ),
        Example(
            "the old merged-linear layout",
            config={**_CONFIG, "target_modules": ["query_key_value"], "enable_lora": [True, False, True]},
            tensors={
                "base_model.model.transformer.h.0.self_attention.query_key_value.lora_A.weight": ExampleTensor((4, 8)),
                "base_model.model.transformer.h.0.self_attention.query_key_value.lora_B.weight": ExampleTensor(
                    (16, 2, 1)
                ),
            },
            status=Status.unreadable,
        ),
        Example(
            "an embedding has its rank in the same places",
            config={**_CONFIG, "target_modules": ["word_embeddings"], "r": 4},
            tensors={
                "base_model.model.embeddings.word_embeddings.lora_embedding_A": ExampleTensor((2, 50)),
                "base_model.model.embeddings.word_embeddings.lora_embedding_B": ExampleTensor((8, 2)),
            },
            status=Status.unreadable,
        ),
        Example(
            "rank_pattern explains the difference",
            fires=0,
            config={**_CONFIG, "r": 4, "rank_pattern": {"query": 2}},
            tensors={
                f"{_SELF}.query.lora_A.weight": ExampleTensor((2, 8)),
                f"{_SELF}.query.lora_B.weight": ExampleTensor((8, 2)),
                f"{_SELF}.value.lora_A.weight": ExampleTensor((4, 8)),
                f"{_SELF}.value.lora_B.weight": ExampleTensor((8, 4)),
            },
        ),
        Example(
            "a convolution keeps its kernel in the last two dimensions",
            fires=0,
            config={**_CONFIG, "target_modules": ["conv1"]},
            tensors={
                "base_model.model.layer1.0.conv1.lora_A.weight": ExampleTensor((2, 8, 3, 3)),
                "base_model.model.layer1.0.conv1.lora_B.weight": ExampleTensor((8, 2, 1, 1)),
            },
        ),
        Example(
            "experts are packed: rank times their number",
            fires=0,
            config={**_CONFIG, "target_modules": [], "target_parameters": ["mlp.experts.gate_up_proj"]},
            tensors={
                f"{_EXPERTS}.lora_A.weight": ExampleTensor((8, 4)),
                f"{_EXPERTS}.lora_B.weight": ExampleTensor((6, 8)),
            },
        ),
    ),
    references=("https://github.com/huggingface/peft/blob/v0.21.2/src/peft/tuners/lora/layer.py",),
)


class _Disagreement(NamedTuple):
    """What one module shows; modules that show the same are reported together."""

    rank: int
    factors: tuple[str, str]
    first: tuple[int, ...] | None
    second: tuple[int, ...] | None


def check(target: Target, config: Config, weights: Weights) -> Iterator[Finding]:
    """At most one finding, which tells the most common disagreement and counts all."""
    if target.kind is not TargetKind.adapter or config.peft_type != "LORA" or config.get("use_bdlora"):
        return  # block-diagonal LoRA lays out one of its factors by blocks
    if any(is_empty(tensor.shape) for tensor in weights.tensors.values()):
        return  # zero-size-tensors tells that
    if keyform(weights.tensors).is_foreign:
        return  # foreign-names tells that; some families lay their factors out the other way round
    pairs = layout(weights.tensors).pairs
    found = {pair: seen for pair in pairs if (seen := _disagreement(config, weights, pair)) is not None}
    if not found:
        return
    (common, number), *_ = Counter(found.values()).most_common()
    pair = next(pair for pair, seen in found.items() if seen == common)
    more = len(found) - number
    how = f", and {more} more modules differ in other ways" if more > 1 else ""
    how = ", and 1 more module differs in another way" if more == 1 else how
    where = f"all {number} modules" if number == len(pairs) else f"{number} of {len(pairs)} modules"
    where = where if len(pairs) > 1 else "the only module"
    message = f"{_shapes(common)} in {where} where the config says rank {common.rank}{how}, so PEFT cannot load them"
    related = (config.place(config.rank_pointer(pair.module) or "/r", note=f"rank {common.rank}"),)
    yield RULE.finding(message, weights.place(pair.names[0]), related=related, status=Status.unreadable)


def _disagreement(config: Config, weights: Weights, pair: Pair) -> _Disagreement | None:
    """What does not fit in the module, or None. Both factors must have as many dimensions as each other."""
    rank = config.rank(pair.module)
    if rank is None or rank <= 0:
        return None  # rank-not-positive tells that
    first = weights.tensors[pair.first].shape if pair.first is not None else None
    second = weights.tensors[pair.second].shape if pair.second is not None else None
    rows = None if first is None else first[0] if first else 0
    columns = None if second is None else second[1] if len(second) > 1 else 0
    if first is not None and second is not None and len(first) != len(second):
        fits = False
    elif _is_packed(config, pair):
        fits = rows is None or columns is None or (rows == columns and rows > 0)
        # each expert has the rank of the config, unless a pattern gives its parameter another
        fits = fits and (bool(config.get("rank_pattern")) or (rows or columns or 0) % rank == 0)
    else:
        fits = rows in (rank, None) and columns in (rank, None)
    return None if fits else _Disagreement(rank, pair.factors, first, second)


def _is_packed(config: Config, pair: Pair) -> bool:
    """Whether the module's rank is multiplied by its number of experts (and, for fused projections, by two).

    PEFT's ParamWrapper adapts 3-D expert weights as one matrix; transformers 5 packs older per-expert modules so too.
    """
    module = pair.module
    while module.endswith(".base_layer"):
        module = module.removesuffix(".base_layer")
    targeted = config.get("target_parameters")
    parents = (
        [name.rpartition(".")[0] for name in targeted if isinstance(name, str)] if isinstance(targeted, list) else []
    )
    fits = any(module == parent or module.endswith(f".{parent}") for parent in parents)
    return fits or bool(targeted and not isinstance(targeted, list)) or module.rpartition(".")[2] == "experts"


def _shapes(seen: _Disagreement) -> str:
    shapes = zip(seen.factors, (seen.first, seen.second), strict=True)
    return " and ".join(f"{factor} is {list(shape)}" for factor, shape in shapes if shape is not None)
