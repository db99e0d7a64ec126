"""The update of a module is far larger than any weight it could be added to. LoRA adds `scaling · lora_B · lora_A`
to a weight whose elements are around 0.02 and whose norm is in the tens; here the elements of the update are above 1
on average and its norm is above 1000. What the base model knew is drowned: such an adapter answers with the same
token for ever, or gives the same embedding for every text. Measured on a small Llama, the logits no longer changed
when the update was made larger still.

It comes from training that diverged (a learning rate too high, no clipping, float16 without loss scaling) just
before the loss became NaN; from a lora_alpha of thousands, often a typing error or an alpha that was already
divided; or from a conversion that scaled the tensors and kept the alpha. Trained adapters in public repositories
stay below a norm of 50.

To mend it, compare lora_alpha and `r` with those of the run (`adapterlint inspect` shows the strength of every
module), or go back to the last checkpoint before the loss rose.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.loadplan.strength import bounds, ceiling, strength
from adapterlint.model import Example, ExampleTensor, Rule, Severity, TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding, Target

LARGEST_NORM = 1000.0
LARGEST_RMS = 1.0
"""Norm, and root mean square of an element, that both must be passed; weights are in the tens, and around 2e-2."""
_CONFIG = {"peft_type": "LORA", "base_model_name_or_path": "bert-base-uncased", "target_modules": ["query"], "r": 2}
_QUERY = "base_model.model.encoder.layer.0.attention.self.query"
_A, _B = f"{_QUERY}.lora_A.weight", f"{_QUERY}.lora_B.weight"

RULE = Rule(
    id="exploding-delta",
    family="weights",
    severity=Severity.warning,
    summary="an update far larger than any weight it is added to",
    why=__doc__ or "",
    examples=(
        Example(
            "lora_alpha is 16000",
            config={**_CONFIG, "lora_alpha": 16000},
            tensors={_A: ExampleTensor((2, 64), 0.1), _B: ExampleTensor((64, 2), 0.1)},
        ),
        Example(
            "a strong update",
            fires=0,
            config={**_CONFIG, "lora_alpha": 16},
            tensors={_A: ExampleTensor((2, 64), 0.5), _B: ExampleTensor((64, 2), 0.1)},
        ),
    ),
)


def check(target: Target, weights: Weights, config: Config) -> Iterator[Finding]:
    """At most one finding, at the strongest module. Values are read only where the facts allow so large a norm."""
    if target.kind is not TargetKind.adapter or config.get("use_dora") or ceiling(weights, config) <= LARGEST_NORM:
        return
    found = []
    for bound in bounds(weights, config):
        if bound.peak > LARGEST_RMS and bound.norm > LARGEST_NORM and bound.rms > LARGEST_RMS:
            exact = strength(weights, bound.pair, config.scaling(bound.pair.module) or 0.0)
            if exact is not None and exact.norm > LARGEST_NORM and exact.norm / bound.elements**0.5 > LARGEST_RMS:
                found.append(exact)
    if found:
        strongest = max(found, key=lambda it: it.norm)
        rest = f" (and {len(found) - 1} more modules)" if len(found) > 1 else ""
        size = f"has norm {strongest.norm:.3g} at scaling {strongest.scaling:g}, far above that of any weight"
        message = f"the update of {strongest.pair.module}{rest} {size}"
        yield RULE.finding(message, weights.place(strongest.pair.names[-1]))
