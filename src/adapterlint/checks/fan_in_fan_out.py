"""`fan_in_fan_out` says how the base keeps its weights: true for (in, out), as transformers' Conv1D does in GPT-2,
ImageGPT and Decision Transformer, false for (out, in), as every nn.Linear. Here it says the opposite of what the
layers are. PEFT looks at the layer, warns "fan_in_fan_out is set to False but the target module is `Conv1D`" (or the
reverse), and takes the right value: with either value, outputs before and after merging were the same to the last bit
on GPT-2 and Llama, with PEFT 0.12, 0.18 and 0.21. So this is only noted. A converter or merge tool that believes the
config would transpose the update, and fail or be wrong where the matrix is square.

What the layers are is told by `--base`, by `auto_mapping`, or by a base called `gpt2`. An adapter for layers of both
kinds has no right value.

To mend it, write the value that PEFT takes; training with the right one also ends the warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.artifacts.base import Kind
from adapterlint.knowledge.base_models import GPT2_NAMES, TRANSPOSED_MODULES, TRANSPOSED_NAMES
from adapterlint.knowledge.keys import PEFT_PREFIX
from adapterlint.loadplan.pairs import layout
from adapterlint.model import Example, ExampleTensor, Rule, Severity

if TYPE_CHECKING:
    from adapterlint.artifacts.base import Base
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding

_ATTENTION, _QUERY = "transformer.h.0.attn.c_attn", "encoder.layer.0.attention.self.query"


def _config(base: str, value: bool | None, **more: object) -> dict[str, object]:
    given = {"peft_type": "LORA", "base_model_name_or_path": base, "target_modules": ["c_attn"], "r": 2}
    return {**given, **({} if value is None else {"fan_in_fan_out": value}), **more}


def _pair(module: str, given: int, made: int) -> dict[str, ExampleTensor]:
    return {
        f"{PEFT_PREFIX}{module}.lora_A.weight": ExampleTensor((2, given), varied=1),
        f"{PEFT_PREFIX}{module}.lora_B.weight": ExampleTensor((made, 2), varied=2),
    }


_BERT = {"base_model_class": "BertModel", "parent_library": "transformers.models.bert.modeling_bert"}
_ON_QUERY = {"target_modules": ["query"]}
_LINEAR = {f"{_QUERY}.weight": ExampleTensor((8, 8), varied=3)}

RULE = Rule(
    id="fan-in-fan-out",
    family="config",
    severity=Severity.info,
    summary="a fan_in_fan_out that is not how the base keeps its weights, which PEFT corrects",
    why=__doc__ or "",
    examples=(
        Example("false on GPT-2", config=_config("gpt2", False), tensors=_pair(_ATTENTION, 8, 24)),
        Example("left out on GPT-2", config=_config("openai-community/gpt2", None), tensors=_pair(_ATTENTION, 8, 24)),
        Example(
            "false on a base of that family",
            config=_config("org/name", False),
            tensors=_pair("h.0.attn.c_attn", 8, 24),
            base={"h.0.attn.c_attn.weight": ExampleTensor((8, 24), varied=3)},
            files={"base/config.json": '{"model_type": "gpt2", "architectures": ["GPT2Model"]}'},
        ),
        Example(
            "true on BERT",
            config=_config("org/name", True, auto_mapping=_BERT, **_ON_QUERY),
            tensors=_pair(_QUERY, 8, 8),
        ),
        Example(
            "true on a linear layer",
            config=_config("org/name", True, **_ON_QUERY),
            tensors=_pair(_QUERY, 8, 8),
            base=_LINEAR,
        ),
        Example("true on GPT-2", fires=0, config=_config("gpt2", True), tensors=_pair(_ATTENTION, 8, 24)),
        Example(
            "false on BERT",
            fires=0,
            config=_config("x", False, auto_mapping=_BERT, **_ON_QUERY),
            tensors=_pair(_QUERY, 8, 8),
        ),
        Example("an unknown base", fires=0, config=_config("org/name", True, **_ON_QUERY), tensors=_pair(_QUERY, 8, 8)),
        Example(
            "layers of both kinds",
            fires=0,
            config=_config("gpt2", False, target_modules=["c_attn", "lm_head"]),
            tensors={**_pair(_ATTENTION, 8, 24), **_pair("lm_head", 8, 40)},
        ),
    ),
    references=("https://huggingface.co/docs/peft/package_reference/lora",),
)

_PACKAGE = re.compile(r"transformers\.models\.(?:deprecated\.)?(\w+)\.")


def check(config: Config, weights: Weights, base: Base | None = None) -> Iterator[Finding]:
    """At most one finding, at the value."""
    stated = config.get("fan_in_fan_out", False)
    if config.peft_type != "LORA" or not isinstance(stated, bool):
        return
    pairs = [pair for pair in layout(weights.tensors).complete if pair.factors[0] == "lora_A"]
    kinds = {_is_transposed(pair.module, config, base) for pair in pairs}
    if kinds != {not stated}:
        return
    first = pairs[0].module.rpartition(".")[2]
    what = "a linear layer, whose weight is (out, in)" if stated else "a Conv1D layer, whose weight is (in, out)"
    said = (
        f"fan_in_fan_out is {str(stated).lower()}" if "fan_in_fan_out" in config.data else "fan_in_fan_out is left out"
    )
    message = f"{said}, and {first} is {what}, so PEFT warns and takes {str(not stated).lower()}"
    yield RULE.finding(message, config.place("/fan_in_fan_out" if "fan_in_fan_out" in config.data else ""))


def _is_transposed(module: str, config: Config, base: Base | None) -> bool | None:
    """Whether the weight of the module is (in, out); None where that is not certain."""
    if base is not None:
        found = base.modules.get(base.place_of(module))
        return None if found is None or found.kind not in _BOTH else found.kind is Kind.transposed
    mapping = config.get("auto_mapping")
    package = _PACKAGE.match(str(mapping.get("parent_library"))) if isinstance(mapping, dict) else None
    if config.get("base_model_name_or_path") in GPT2_NAMES or (package and package[1] in TRANSPOSED_MODULES):
        return True if module.rpartition(".")[2] in TRANSPOSED_NAMES else None
    return False if package else None


_BOTH = (Kind.linear, Kind.transposed)
