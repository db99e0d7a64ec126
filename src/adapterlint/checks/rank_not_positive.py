"""The rank is the inner dimension of the two factors, so it must be a whole number of at least one. PEFT refuses an
`r` of 0 or below with a ValueError ("`r` should be a positive integer value"), and a float, 8.0 included, with a
TypeError from torch that names neither field nor file.

Zero is sometimes written on purpose, to leave a module out through `rank_pattern`. PEFT has no such meaning for it: the
load fails as a whole. OFT is an exception and means "by block size" by it; an entry that matches no module is ignored.

To mend it, write the rank the weights were trained with: the first dimension of any `lora_A.weight`. To leave modules
out, name them in `exclude_modules`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from adapterlint.model import Example, ExampleTensor, Rule, Severity, Status

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding

_GOOD: dict[str, Any] = {"peft_type": "LORA", "r": 2, "lora_alpha": 4, "target_modules": ["query"]}
_QUERY = "base_model.model.encoder.layer.0.attention.self.query"
_PAIR = {f"{_QUERY}.lora_A.weight": ExampleTensor((2, 4)), f"{_QUERY}.lora_B.weight": ExampleTensor((4, 2))}

RULE = Rule(
    id="rank-not-positive",
    family="config",
    severity=Severity.error,
    summary="a rank that is zero, negative or not whole",
    why=__doc__ or "",
    examples=(
        Example("zero", config={**_GOOD, "r": 0}, status=Status.unreadable),
        Example("negative", config={**_GOOD, "r": -4}),
        Example("a float", config={**_GOOD, "r": 8.0}),
        Example("zero for one module", config={**_GOOD, "rank_pattern": {"query": 0}}, tensors=_PAIR),
        Example("LoHa alike", config={"peft_type": "LOHA", "r": 0, "target_modules": ["query"]}),
        Example("rank 1", fires=0, config={**_GOOD, "r": 1}),
        Example("none given: PEFT's own 8", fires=0, config={"peft_type": "LORA", "target_modules": ["query"]}),
        Example(
            "zero for a module that is not there", fires=0, config={**_GOOD, "rank_pattern": {"key": 0}}, tensors=_PAIR
        ),
        Example("OFT means the block size", fires=0, config={"peft_type": "OFT", "r": 0, "oft_block_size": 32}),
        Example("a string is an invalid field", fires=0, config={**_GOOD, "r": "16"}),
    ),
)


def check(config: Config, weights: Weights | None = None) -> Iterator[Finding]:
    """One finding per rank, at its value."""
    from adapterlint.knowledge.peft_types import RANKED_TYPES

    if config.peft_type not in RANKED_TYPES:
        return
    wrong = [(pointer, name, value) for pointer, name, value in _ranks(config) if _is_wrong(config, value)]
    if not wrong:
        return
    from adapterlint.loadplan.pairs import layout

    modules = layout(weights.tensors).modules if weights is not None else ()
    for pointer, name, value in wrong:
        if config.decides(pointer, modules):
            why = "a float" if isinstance(value, float) else "below 1"
            message = f"{name} is {json.dumps(value)}, {why}, where PEFT needs a whole number from 1"
            yield RULE.finding(message, config.place(pointer), status=Status.unreadable)


def _ranks(config: Config) -> Iterator[tuple[str, str, Any]]:
    """(JSON pointer, name for a message, value) of every rank of the config."""
    from adapterlint.artifacts.config import escaped

    yield "/r", "r", config.get("r")
    patterns = config.get("rank_pattern")
    if config.peft_type == "LORA" and isinstance(patterns, dict):
        for key, value in patterns.items():
            yield f"/rank_pattern/{escaped(key)}", f"rank_pattern[{json.dumps(key)}]", value


def _is_wrong(config: Config, value: Any) -> bool:
    from adapterlint.knowledge.peft_types import FLOAT_RANK_TYPES

    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return value <= 0 or (isinstance(value, float) and config.peft_type not in FLOAT_RANK_TYPES)
