"""The base model is stored in bfloat16 or float16, and most of the update is smaller than the gap between two such
numbers. Loaded beside the base, as PEFT does, the adapter works: its product is added to the activations. Merged into
the weights it is rounded away where it is too small, and what is left is coarse. `merge_and_unload`, merge tools and
converters (GGUF, MLX) do it without a word.

What is shown is counted on a sample, up to 16 rows of the weight in each of up to 8 modules: the share of weights that
stay what they were, and how far the merged update is from the trained one (0 % is exact, 100 % as far as nothing at
all). Measured against `merge_and_unload` of PEFT 0.21 on a Llama, the sample was within 2 points of the whole:

- bfloat16, an update of 4 %, 0.4 % and 0.1 % of the weights: 5, 40 and 78 % stay as they were, missed by as much;
- float16, of 0.4 %, 0.1 % and 0.02 %: 6, 23 and 67 %.

It is told from half of the weights on, only as a note, and only with `--base`: no file says that the adapter will be
merged, and a model can do well on what is left.

To mend it, merge in float32: load the base with `dtype=torch.float32`, merge, and keep that precision; or measure the
merged model before trusting it. Rounding to 16 bits after merging loses the same again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.loadplan.merging import loss
from adapterlint.model import Example, ExampleTensor, Rule, Severity
from adapterlint.model.samples import BASE, CONFIG, pair

if TYPE_CHECKING:
    from adapterlint.artifacts.base import Base
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.loadplan.compare import Plan
    from adapterlint.model import Finding

MOST = 0.5
"""The share of weights left as they were from which on it is told."""


def _base(dtype: str) -> dict[str, ExampleTensor]:
    return {name: ExampleTensor((8, 8), 0.05, dtype, varied=at) for at, name in enumerate(BASE, 1)}


def _pair(value: float) -> dict[str, ExampleTensor]:
    names = pair(*(name.removesuffix(".weight") for name in BASE))
    return {name: ExampleTensor(it.shape, value, varied=at) for at, (name, it) in enumerate(names.items(), 9)}


_CONFIG = {**CONFIG, "target_modules": ["query", "value"], "lora_alpha": 2}

RULE = Rule(
    id="merge-precision",
    family="load",
    severity=Severity.info,
    summary="an update most of which is rounded away if it is merged into the base as that is stored",
    why=__doc__ or "",
    examples=(
        Example("small beside bfloat16", config=_CONFIG, tensors=_pair(0.005), base=_base("BF16")),
        Example("smaller beside float16", config=_CONFIG, tensors=_pair(0.001), base=_base("F16")),
        Example("large enough", fires=0, config=_CONFIG, tensors=_pair(0.1), base=_base("BF16")),
        Example("a base in float32", fires=0, config=_CONFIG, tensors=_pair(0.005), base=_base("F32")),
        Example("nothing to lose", fires=0, config=_CONFIG, tensors=_pair(0.0), base=_base("BF16")),
    ),
    references=(
        "https://github.com/huggingface/peft/issues/1388",
        "https://github.com/huggingface/peft/issues/2502",
    ),
)


def check(config: Config, weights: Weights, base: Base, plan: Plan) -> Iterator[Finding]:
    """At most one finding, for the adapter."""
    if config.peft_type != "LORA" or plan.raises or plan.mismatched or not plan.landed:
        return
    lost = loss(config, weights, base)
    if lost is None or lost.kept < MOST:
        return
    modules = f"{lost.modules} modules" if lost.modules > 1 else "1 module"
    message = (
        f"merging into the base's {lost.dtype} would leave {lost.kept:.0%} of the weights as they were and miss the "
        f"update by {lost.error:.0%} (counted on {lost.elements:,} weights of {modules})"
    )
    yield RULE.finding(message, weights.place(next(iter(weights.tensors))))
