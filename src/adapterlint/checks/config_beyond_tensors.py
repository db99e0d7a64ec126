"""The config selects modules of the base model for which the file holds no tensors. PEFT gives each of them a fresh
layer, whose `lora_B` is zero, so there the base model answers; PeftModel.from_pretrained mentions the missing keys in
one warning, transformers in a log line. It is told with `--base` only: without the base nobody knows what is missing.

A shard was lost, layers were cut off, or `target_modules` was widened after the training, as some serving guides
advise.

To mend it, fetch the file of the training run again; if the modules were never trained, take their names out of
`target_modules` or name the trained layers in `layers_to_transform`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.loadplan.reading import causes, in_words
from adapterlint.model import Example, Rule, Severity, Status
from adapterlint.model.samples import BASE, CONFIG, SELF, pair

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.loadplan.compare import Plan
    from adapterlint.model import Finding


RULE = Rule(
    id="config-beyond-tensors",
    family="load",
    severity=Severity.error,
    summary="modules of the base that the config selects and the file leaves out",
    why=__doc__ or "",
    examples=(
        Example(
            "a layer is lost", config=CONFIG, tensors=pair(f"{SELF}.query"), base=BASE, status=Status.partly_loaded
        ),
        Example(
            "a target was added",
            config={**CONFIG, "target_modules": ["query", "value"]},
            tensors=pair(f"{SELF}.query", "encoder.layer.1.attention.self.query"),
            base=BASE,
            status=Status.partly_loaded,
        ),
        Example(
            "only the layer that was trained is selected",
            fires=0,
            config={**CONFIG, "layers_to_transform": [0]},
            tensors=pair(f"{SELF}.query"),
            base=BASE,
        ),
        Example("without the base it is not known", fires=0, config=CONFIG, tensors=pair(f"{SELF}.query")),
    ),
    references=("https://github.com/huggingface/peft/pull/2118",),
)


def check(config: Config, weights: Weights, plan: Plan) -> Iterator[Finding]:
    """At most one finding; silent where nothing lands at all, which other rules tell."""
    found = causes(plan, config)
    modules = found.without_tensors
    if not modules or not plan.landed or found.not_in_base:
        return  # tensors under another path are told by not-in-base
    message = (
        f"the file has no tensors for {len(modules)} of the {len(plan.modules)} modules of the base that the config "
        f"selects ({in_words(modules)}), so the base model answers there"
    )
    yield RULE.finding(message, config.place("/target_modules"), status=Status.partly_loaded)
