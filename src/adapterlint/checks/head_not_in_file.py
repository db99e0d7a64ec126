"""The config lists a module in `modules_to_save` (or tokens in `trainable_token_indices`) and the file holds no tensor
of it. PEFT asks for each of them by name and raises a KeyError, so the adapter does not load; transformers'
`load_adapter` keeps a random head instead and mentions it in a log line.

A name that no module of the base ends in is passed over, so that one of `classifier` and `score` is always missing, and
that is right.

To mend it, fetch the whole file again, or take the entry out of the list if the module was not trained.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from adapterlint.artifacts.config_values import shown
from adapterlint.knowledge.base_models import HEADS
from adapterlint.loadplan.keyform import split
from adapterlint.loadplan.reading import in_words
from adapterlint.model import Example, ExampleTensor, Rule, Severity, Status
from adapterlint.model.samples import CONFIG, SELF, pair

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.loadplan.compare import Plan
    from adapterlint.model import Finding


RULE = Rule(
    id="head-not-in-file",
    family="weights",
    severity=Severity.error,
    summary="modules the config saves and the file lacks",
    why=__doc__ or "",
    examples=(
        Example(
            "the head is lost",
            config={**CONFIG, "modules_to_save": ["lm_head"]},
            tensors=pair(f"{SELF}.query"),
            status=Status.unreadable,
        ),
        Example(
            "a classifier without a head",
            config={**CONFIG, "task_type": "SEQ_CLS", "modules_to_save": ["classifier", "score"]},
            tensors=pair(f"{SELF}.query"),
            severity=Severity.warning,
            status=Status.unknown,
        ),
        Example(
            "one of two",
            config={**CONFIG, "modules_to_save": ["lm_head", "embed_tokens"]},
            tensors={**pair(f"{SELF}.query"), "base_model.model.lm_head.weight": ExampleTensor((50, 8))},
            severity=Severity.warning,
        ),
        Example(
            "trained tokens are lost",
            config={**CONFIG, "trainable_token_indices": [1, 2]},
            tensors=pair(f"{SELF}.query"),
            status=Status.unreadable,
        ),
        Example(
            "a classifier's head goes by one of two names",
            fires=0,
            config={**CONFIG, "task_type": "SEQ_CLS", "modules_to_save": ["classifier", "score"]},
            tensors={**pair(f"{SELF}.query"), "base_model.model.score.weight": ExampleTensor((2, 8))},
        ),
    ),
)


def check(config: Config, weights: Weights, plan: Plan) -> Iterator[Finding]:
    """One finding for modules, one for tokens."""
    if plan.base is not None:
        if plan.unsaved:
            pointer = "/trainable_token_indices" if "trainable_tokens" in plan.unsaved[0] else "/modules_to_save"
            message = f"the file lacks {in_words(plan.unsaved)}, which the config saves, so PEFT raises a KeyError"
            yield RULE.finding(message, config.place(pointer), status=Status.unreadable)
        elif not set(HEADS.get(str(config.get("task_type")), ())) & plan.base.paths:
            yield from _modules(config, weights, ())  # transformers makes the head anew for the task
        return
    listed = config.get("modules_to_save")
    yield from _modules(config, weights, listed if isinstance(listed, list) else ())
    tokens = config.get("trainable_token_indices")
    if tokens and not any("trainable_tokens_delta" in name for name in weights.tensors):
        message = "trainable_token_indices names tokens and the file holds no trainable_tokens_delta, so PEFT raises"
        yield RULE.finding(message, config.place("/trainable_token_indices"), status=Status.unreadable)


def _modules(config: Config, weights: Weights, listed: Iterable[str]) -> Iterator[Finding]:
    """What is said of the entries `listed` and of the heads that PEFT adds to them for the task."""
    heads = HEADS.get(str(config.get("task_type")), ())
    entries = list(dict.fromkeys((*listed, *heads)))
    paths = {name.rpartition(".")[0] for name in weights.tensors if split(name) is None}
    paths = {".".join(path.split(".")[:end]) for path in paths for end in range(1, path.count(".") + 2)}
    found = [entry for entry in entries if any(path.endswith(entry) for path in paths)]
    pair = set(HEADS["SEQ_CLS"]) if set(found) & set(HEADS["SEQ_CLS"]) else set()
    absent = [entry for entry in entries if entry not in found and entry not in pair]
    if not absent:
        return
    named = " and ".join(map(shown, absent))
    asks = "modules_to_save lists" if "modules_to_save" in config.data else f"{config.get('task_type')} asks for"
    pointer = "/modules_to_save" if "modules_to_save" in config.data else "/task_type"
    if found or set(absent) <= set(heads):  # some put a task type on adapters of encoders that have no head
        status = None if found else Status.unknown
        message = f"the file holds no tensor of {named}, which {asks}, so PEFT raises if the base has it"
        yield RULE.finding(message, config.place(pointer), severity=Severity.warning, status=status)
        return
    message = f"the file holds no tensor of {named}, which {asks}, so PEFT raises a KeyError"
    yield RULE.finding(message, config.place(pointer), status=Status.unreadable)
