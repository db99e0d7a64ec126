"""The adapter was trained on a model with a task head (`…ForSequenceClassification` and the like) and neither holds
that head nor lists it in `modules_to_save`. Such a head is made at random when a plain model is loaded for the task;
if it was trained, its values are lost, and each load answers with another random head. transformers says only its
usual "newly initialized", which everybody has learnt to ignore.

PEFT saves `classifier` and `score` by itself when `task_type` is SEQ_CLS or TOKEN_CLS. Without a task type, or with a
head of another name, it has to be told. A warning, since the head may have come with a base model that was trained for
the task; silent with `--base` where the base has it, an error where it has not.

To mend it, train again with `task_type="SEQ_CLS"` or `modules_to_save=["<name of the head>"]`. (`modules_to_save=
names.append(...)` is None, not a list.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.knowledge.base_models import HEADS
from adapterlint.loadplan.keyform import split
from adapterlint.model import Example, ExampleTensor, Rule, Severity, Status
from adapterlint.model.samples import BASE, CONFIG, SELF, pair

if TYPE_CHECKING:
    from adapterlint.artifacts.base import Base
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.loadplan.compare import Plan
    from adapterlint.model import Finding

_MAPPED = {"base_model_class": "BertForSequenceClassification", "parent_library": "transformers"}
_BERT = {f"bert.{name}": it for name, it in BASE.items()}


RULE = Rule(
    id="head-not-saved",
    family="weights",
    severity=Severity.error,
    summary="a task head that was trained and not saved",
    why=__doc__ or "",
    examples=(
        Example(
            "no task type, no head",
            config={**CONFIG, "auto_mapping": _MAPPED},
            tensors=pair(f"bert.{SELF}.query"),
            severity=Severity.warning,
            status=Status.unknown,
        ),
        Example(
            "the base has no head either",
            config={**CONFIG, "auto_mapping": _MAPPED},
            tensors=pair(f"bert.{SELF}.query", "bert.encoder.layer.1.attention.self.query"),
            base=BASE,
            status=Status.wrong,
        ),
        Example(
            "the base brings the head",
            fires=0,
            config={**CONFIG, "auto_mapping": _MAPPED},
            tensors=pair(f"bert.{SELF}.query", "bert.encoder.layer.1.attention.self.query"),
            base={**_BERT, "classifier.weight": ExampleTensor((2, 8))},
        ),
        Example(
            "the head is in the file",
            fires=0,
            config={**CONFIG, "auto_mapping": _MAPPED, "modules_to_save": ["classifier"]},
            tensors={**pair(f"bert.{SELF}.query"), "base_model.model.classifier.weight": ExampleTensor((2, 8))},
        ),
        Example(
            "a bare encoder has no head",
            fires=0,
            config={**CONFIG, "auto_mapping": {**_MAPPED, "base_model_class": "BertModel"}},
            tensors=pair(f"{SELF}.query"),
        ),
    ),
    references=("https://github.com/huggingface/peft/issues/577",),
)

_TASK = re.compile(r"For(?:Sequence|Token|Image|Audio|Video)Classification$|ForQuestionAnswering$|ForMultipleChoice$")
_NAMES = frozenset({"classifier", "score", "qa_outputs", "classification_head", "head", "logits_proj", "fc"})


def check(config: Config, weights: Weights, plan: Plan, base: Base | None = None) -> Iterator[Finding]:
    """At most one finding, at the class that says there was a head."""
    mapping = config.get("auto_mapping")
    cls = mapping.get("base_model_class") if isinstance(mapping, dict) else None
    if not isinstance(cls, str) or not _TASK.search(cls) or config.get("task_type") in HEADS:
        return
    if config.get("modules_to_save") or any(split(name) is None for name in weights.tensors):
        return
    place = config.place("/auto_mapping/base_model_class")
    message = f"the adapter was trained on a {cls}, and neither the file nor modules_to_save holds its head"
    if base is None:
        message += ", so it works only if the base brings a trained one"
        yield RULE.finding(message, place, severity=Severity.warning, status=Status.unknown)
    elif not any(set(path.split(".")) & _NAMES for path in base.paths):
        yield RULE.finding(f"{message}, nor does the base", place, status=Status.wrong)
