"""The adapter's tensors belong to modules that the base model does not have under that path. PEFT looks for each
tensor at the path of its module in the model it is put around, and drops what it does not find there.

Two causes are common. The adapter was trained on another class of the same model: `AutoModelForCausalLM` calls a layer
`model.layers.0`, `AutoModel` calls it `layers.0`; a vision-language model nests it as
`model.language_model.layers.0`. Then loading it with the class it was trained with is right, and PEFT around any other
class gives the base model's output (measured both ways; transformers' `load_adapter` repairs the prefix). Or the base
that was named is another model.

To mend it, load the base with the class the adapter was trained with (`auto_mapping` or `task_type` of
adapter_config.json says which), or rename the keys: replace the one prefix by the other in every key of the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.loadplan.reading import causes, in_words, status_of
from adapterlint.model import Example, Rule, Severity, Status
from adapterlint.model.samples import BASE, CONFIG, SELF, pair

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.loadplan.compare import Plan
    from adapterlint.model import Finding


RULE = Rule(
    id="not-in-base",
    family="load",
    severity=Severity.error,
    summary="tensors of modules that the base does not have under that path",
    why=__doc__ or "",
    examples=(
        Example(
            "trained on a class that nests the same layers, which the config does not name",
            config=CONFIG,
            tensors=pair(f"bert.{SELF}.query", "bert.encoder.layer.1.attention.self.query"),
            base=BASE,
            severity=Severity.warning,
            status=Status.unknown,
        ),
        Example(
            "trained on another model",
            config={**CONFIG, "target_modules": ["query", "q_proj"]},
            tensors=pair("model.layers.0.self_attn.q_proj"),
            base=BASE,
            status=Status.loads_nothing,
        ),
        Example(
            "the config says that a class with a head is loaded, which has the prefix",
            fires=0,
            config={**CONFIG, "task_type": "SEQ_CLS"},
            tensors=pair(f"bert.{SELF}.query", "bert.encoder.layer.1.attention.self.query"),
            base=BASE,
        ),
        Example(
            "the base has the modules",
            fires=0,
            config=CONFIG,
            tensors=pair(f"{SELF}.query", "encoder.layer.1.attention.self.query"),
            base=BASE,
        ),
    ),
    references=("https://github.com/vllm-project/vllm/issues/48019",),
)


def check(config: Config, weights: Weights, plan: Plan) -> Iterator[Finding]:
    """At most one finding; a warning where another class of the same model fits."""
    names = causes(plan, config).not_in_base
    if not names or plan.base is None:
        return
    count = f"all {len(weights.tensors)}" if len(names) == len(weights.tensors) else f"{len(names)}"
    if plan.elsewhere is not None:
        theirs, ours = (prefix.rstrip(".") or "the top" for prefix in plan.elsewhere)
        called = plan.base.architecture or "the base"
        message = (
            f"{count} tensors sit under {ours} where {called} has the same modules under {theirs}, "
            "so PEFT around that class drops them"
        )
        yield RULE.finding(message, weights.place(names[0]), severity=Severity.warning, status=Status.unknown)
        return
    message = f"{count} tensors belong to modules that the base does not have ({in_words(names)}), so PEFT drops them"
    yield RULE.finding(message, weights.place(names[0]), status=status_of(plan))
