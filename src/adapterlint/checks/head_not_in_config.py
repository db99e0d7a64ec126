"""The file holds a whole tensor, such as a language-model head, that the config does not list in `modules_to_save`.
Its key then equals the name of the base model's own parameter, and PEFT writes it there without a word: the base
model is changed, and stays changed when the adapter is disabled, swapped or deleted, and for every other adapter
loaded beside it. (Measured with PEFT 0.17, 0.18 and 0.21.) Where the base has no such parameter the tensor is
dropped.

Silent for what PEFT itself writes: biases trained with `bias`, input and output embeddings saved together after the
vocabulary grew, and the head of a classifier, which a SEQ_CLS or TOKEN_CLS task puts into the list by itself.

To mend it, put the module back into `modules_to_save`, or delete the tensor if it was not trained.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.loadplan.reading import in_words, stray_heads
from adapterlint.model import Example, ExampleTensor, Rule, Severity, Status
from adapterlint.model.samples import CONFIG, SELF, pair

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.loadplan.compare import Plan
    from adapterlint.model import Finding


_HEAD = {"base_model.model.lm_head.weight": ExampleTensor((50, 8))}

RULE = Rule(
    id="head-not-in-config",
    family="weights",
    severity=Severity.error,
    summary="whole tensors that the config does not save, so that they overwrite the base",
    why=__doc__ or "",
    examples=(
        Example(
            "modules_to_save was dropped",
            config=CONFIG,
            tensors={**pair(f"{SELF}.query"), **_HEAD},
            status=Status.wrong,
        ),
        Example(
            "the config saves it",
            fires=0,
            config={**CONFIG, "modules_to_save": ["lm_head"]},
            tensors={**pair(f"{SELF}.query"), **_HEAD},
        ),
        Example(
            "a classifier's head",
            fires=0,
            config={**CONFIG, "task_type": "SEQ_CLS"},
            tensors={**pair(f"{SELF}.query"), "base_model.model.score.weight": ExampleTensor((2, 8))},
        ),
        Example(
            "both embeddings, as PEFT saves them when the vocabulary grew",
            fires=0,
            config=CONFIG,
            tensors={
                **pair(f"{SELF}.query"),
                **_HEAD,
                "base_model.model.model.embed_tokens.weight": ExampleTensor((50, 8)),
            },
        ),
    ),
)


def check(config: Config, weights: Weights, plan: Plan) -> Iterator[Finding]:
    """At most one finding."""
    names = stray_heads(plan, config, weights)
    if not names or not plan.landed:
        return
    if all(name.endswith(".bias") for name in names):
        message = (
            f"the file holds {len(names)} biases ({in_words(names)}) and the config trains none, so PEFT overwrites"
        )
        yield RULE.finding(f"{message} the base with them", weights.place(names[0]), status=Status.wrong)
        return
    count = "a whole tensor" if len(names) == 1 else f"{len(names)} whole tensors"
    message = (
        f"modules_to_save does not list {count} of the file ({in_words(names)}), so PEFT overwrites the base with it"
    )
    related = (config.place("/modules_to_save"),) if "modules_to_save" in config.data else ()
    yield RULE.finding(message, weights.place(names[0]), related=related, status=Status.wrong)
