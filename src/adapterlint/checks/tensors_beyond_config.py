"""The file holds tensors of modules that adapter_config.json does not select. PEFT builds its layers from the config
alone: `target_modules` (a list matches a whole name or the end of a path, a string is a regular expression that must
match the whole path), less `exclude_modules`, within `layers_to_transform`. Tensors of any other module have no layer
to go to, and PeftModel.from_pretrained drops them without a warning. What remains is neither the base model nor the
adapter that was trained. (Measured with PEFT 0.21.2: no message, different logits.)

Such a config was edited by hand or by a serving script, was copied from another run, or lost `layers_to_transform`.
The same holds for `lora_B.bias` where the config does not say `lora_bias`.

To mend it, put the config of the training run back, or list every module the file holds: compare the names printed
by `adapterlint inspect` with `target_modules`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.loadplan.keyform import split
from adapterlint.loadplan.reading import causes, in_words, status_of
from adapterlint.model import Example, Rule, Severity, Status
from adapterlint.model.samples import CONFIG, SELF, pair

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.loadplan.compare import Plan
    from adapterlint.model import Finding


RULE = Rule(
    id="tensors-beyond-config",
    family="weights",
    severity=Severity.error,
    summary="tensors of modules that the config does not select",
    why=__doc__ or "",
    examples=(
        Example(
            "a target was taken out of the config",
            config=CONFIG,
            tensors=pair(f"{SELF}.query", f"{SELF}.value"),
            status=Status.partly_loaded,
        ),
        Example(
            "layers_to_transform is narrower than the file",
            config={**CONFIG, "layers_to_transform": [0]},
            tensors=pair(f"{SELF}.query", "encoder.layer.1.attention.self.query"),
            status=Status.partly_loaded,
        ),
        Example(
            "the config of another adapter",
            config={**CONFIG, "target_modules": r".*_proj"},
            tensors=pair(f"{SELF}.query"),
            status=Status.loads_nothing,
        ),
        Example("every tensor is selected", fires=0, config=CONFIG, tensors=pair(f"{SELF}.query")),
        Example(
            "experts are packed into two layers for each block",
            fires=0,
            config={**CONFIG, "target_modules": ["q_proj"], "target_parameters": ["experts.gate_up_proj"]},
            tensors=pair("layers.0.q_proj", "layers.0.mlp.experts", "layers.0.mlp.experts.base_layer"),
        ),
        Example(
            "all-linear selects whatever is there",
            fires=0,
            config={**CONFIG, "target_modules": "all-linear"},
            tensors=pair(f"{SELF}.query", "pooler.dense"),
        ),
        Example(
            "a pattern that would take too long to try is not judged",
            fires=0,
            config={**CONFIG, "target_modules": r"(.+)+\1.*"},
            tensors=pair(f"{SELF}.query"),
        ),
    ),
    references=("https://github.com/huggingface/peft/blob/v0.21.2/src/peft/tuners/tuners_utils.py",),
)


def check(config: Config, weights: Weights, plan: Plan) -> Iterator[Finding]:
    """At most one finding, which counts modules and shows the first."""
    names = causes(plan, config).unselected
    if not names or plan.raises:
        return
    modules = list(dict.fromkeys(part.module for part in map(split, names) if part is not None))
    every = not plan.landed
    what = "no module that has" if every else f"{len(modules)} module{'s' if len(modules) > 1 else ''} with"
    asked = "/layers_to_transform" if config.get("layers_to_transform") is not None else "/target_modules"
    message = (
        f"the config selects {what} tensors in the file ({in_words(modules)})"
        if every
        else f"the config leaves out {what} tensors in the file ({in_words(modules)})"
    )
    message += f", so PEFT drops {len(names)} tensor{'s' if len(names) > 1 else ''} without a warning"
    place = weights.place(names[0])
    yield RULE.finding(message, place, related=(config.place(asked),), status=status_of(plan))
