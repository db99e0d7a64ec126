"""The factors of the adapter do not fit the base model's weight: `lora_A` has as many columns as the layer has inputs,
`lora_B` as many rows as it has outputs. PEFT builds its layers after the base, raises a size mismatch, and loads
nothing. The adapter was trained on another size of the model, or its factors were transposed (MLX and some converters
write them so).

It is told with `--base`. Layers whose weight is packed (4-bit, GPTQ) are not judged, and a rank that differs from the
config's is rank-differs.

To mend it, load the adapter with the model that it was trained on (`base_model_name_or_path`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.loadplan.keyform import split
from adapterlint.model import Example, ExampleTensor, Rule, Severity, Status
from adapterlint.model.samples import BASE, CONFIG, SELF, pair

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.loadplan.compare import Mismatch, Plan
    from adapterlint.model import Finding


_SOUND = pair(f"{SELF}.query", "encoder.layer.1.attention.self.query")

RULE = Rule(
    id="shape-vs-base",
    family="load",
    severity=Severity.error,
    summary="factors whose sizes are not those of the base's layers",
    why=__doc__ or "",
    examples=(
        Example(
            "the base is narrower",
            config=CONFIG,
            tensors=_SOUND,
            base={name: ExampleTensor((4, 4)) for name in BASE},
            status=Status.unreadable,
        ),
        Example("the base fits", fires=0, config=CONFIG, tensors=_SOUND, base=BASE),
        Example(
            "only the rank differs, which rank-differs tells",
            fires=0,
            config={**CONFIG, "r": 4},
            tensors=_SOUND,
            base=BASE,
        ),
    ),
)


def check(config: Config, weights: Weights, plan: Plan) -> Iterator[Finding]:
    """One finding, for the first of them."""
    wrong = [each for each in plan.mismatched if split(each.name) is not None and 0 not in each.shape]
    wrong = [each for each in wrong if not _is_rank(each)]
    if wrong:
        first = wrong[0]
        count = f"{len(wrong)} tensors do" if len(wrong) > 1 else "1 tensor does"
        message = (
            f"{count} not fit the base: {first.name} is {list(first.shape)} and the base's layer needs "
            f"{list(first.wanted)}, so PEFT cannot load the adapter"
        )
        yield RULE.finding(message, weights.place(first.name), status=Status.unreadable)


def _is_rank(mismatch: Mismatch) -> bool:
    """Whether the tensor has another rank than the config says, for rows of a first and columns of a second factor."""
    part = split(mismatch.name)
    axis = 0 if part is not None and part.factor.endswith("A") else 1
    return len(mismatch.shape) != len(mismatch.wanted) or mismatch.shape[axis] != mismatch.wanted[axis]
