"""The adapter has layers that the base model does not have: it was trained on a bigger sibling, or the base was
pruned. PEFT drops their tensors without a warning and puts the rest onto layers that were not trained with it.

It is told with `--base`, which says how many layers there are.

To mend it, load the adapter with the model that it was trained on: `base_model_name_or_path` of
adapter_config.json names it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.loadplan.keyform import split
from adapterlint.loadplan.reading import causes, in_words, status_of
from adapterlint.model import Example, Rule, Severity, Status
from adapterlint.model.samples import BASE, CONFIG, pair

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.loadplan.compare import Plan
    from adapterlint.model import Finding


RULE = Rule(
    id="layer-out-of-range",
    family="load",
    severity=Severity.error,
    summary="tensors of layers that the base does not have",
    why=__doc__ or "",
    examples=(
        Example(
            "the base has two layers",
            config=CONFIG,
            tensors=pair(*(f"encoder.layer.{layer}.attention.self.query" for layer in range(3))),
            base=BASE,
            status=Status.partly_loaded,
        ),
        Example(
            "all layers are there",
            fires=0,
            config=CONFIG,
            tensors=pair(*(f"encoder.layer.{layer}.attention.self.query" for layer in range(2))),
            base=BASE,
        ),
    ),
)


def check(config: Config, weights: Weights, plan: Plan) -> Iterator[Finding]:
    """At most one finding."""
    names = causes(plan, config).out_of_range
    if not names or plan.base is None:
        return
    modules = list(dict.fromkeys(part.module for part in map(split, names) if part is not None))
    message = (
        f"{len(names)} tensors belong to layers beyond the {plan.base.layers} of the base "
        f"({in_words(modules or names)}), so PEFT drops them without a warning"
    )
    yield RULE.finding(message, weights.place(names[0]), status=status_of(plan))
