"""Two adapters were put around one base model, one inside the other's layers: the file names a layer
`….base_layer.lora_A`, because `get_peft_model` or PeftModel was called a second time with another adapter of another
type while the first was still in place. PEFT wraps in place, so the first adapter then lies inside the second, and
its saved keys fit only a model that is wrapped twice in the same order. Loaded alone, every such tensor is dropped and
the base model answers (measured with PEFT 0.21.2: LoRA saved after LoHa was added).

Packed experts (`target_parameters`) use the same spelling for two parameters of one module; there it is right.

To mend it, load the base anew before each adapter, or use one PeftModel with `add_adapter`. The keys of an existing
file can be renamed: take `.base_layer` out of those that end in an adapter's own tensor.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.loadplan.reading import causes, status_of
from adapterlint.model import Example, Rule, Severity, Status
from adapterlint.model.samples import CONFIG, SELF, pair

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.loadplan.compare import Plan
    from adapterlint.model import Finding


RULE = Rule(
    id="double-wrapped",
    family="weights",
    severity=Severity.error,
    summary="an adapter saved from inside another adapter's layers",
    why=__doc__ or "",
    examples=(
        Example(
            "saved after a second adapter was put around it",
            config=CONFIG,
            tensors=pair(f"{SELF}.query.base_layer"),
            status=Status.loads_nothing,
        ),
        Example(
            "two packed parameters of one module",
            fires=0,
            config={
                **CONFIG,
                "target_modules": [],
                "target_parameters": ["experts.gate_up_proj", "experts.down_proj"],
            },
            tensors=pair("layers.0.mlp.experts", "layers.0.mlp.experts.base_layer"),
        ),
        Example("an ordinary adapter", fires=0, config=CONFIG, tensors=pair(f"{SELF}.query")),
    ),
)


def check(config: Config, weights: Weights, plan: Plan) -> Iterator[Finding]:
    """At most one finding."""
    names = causes(plan, config).wrapped_twice
    if names:
        count = f"all {len(names)}" if len(names) == len(weights.tensors) else f"{len(names)} of {len(weights.tensors)}"
        message = (
            f"{count} tensors sit under .base_layer., inside the layers of a second adapter around the same base, "
            "so PEFT drops them"
        )
        yield RULE.finding(message, weights.place(names[0]), status=status_of(plan))
