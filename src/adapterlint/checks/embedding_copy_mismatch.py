"""A whole tensor that travels with the adapter, most often a copy of the input or output embeddings, has another
number of rows than the base model's own. Tokens were added before the training, PEFT saved the grown embeddings, and
the base that is loaded now has its first vocabulary: PEFT raises a size mismatch and nothing is loaded.

It is told with `--base`, which says how many rows there are.

To mend it, grow the base before the adapter is loaded: `model.resize_token_embeddings(<rows of the tensor>)`, best with
the tokenizer that was saved beside the adapter.
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
    from adapterlint.loadplan.compare import Plan
    from adapterlint.model import Finding

_WORDS = "embeddings.word_embeddings"


_COPIED = {**pair(f"{SELF}.query", "encoder.layer.1.attention.self.query")}
_SAVES = {**CONFIG, "modules_to_save": ["word_embeddings"]}

RULE = Rule(
    id="embedding-copy-mismatch",
    family="load",
    severity=Severity.error,
    summary="a whole tensor of another shape than the base's own",
    why=__doc__ or "",
    examples=(
        Example(
            "the vocabulary had grown",
            config=_SAVES,
            tensors={**_COPIED, f"base_model.model.{_WORDS}.weight": ExampleTensor((52, 8))},
            base={**BASE, f"{_WORDS}.weight": ExampleTensor((50, 8))},
            status=Status.unreadable,
        ),
        Example(
            "the same vocabulary",
            fires=0,
            config=_SAVES,
            tensors={**_COPIED, f"base_model.model.{_WORDS}.weight": ExampleTensor((50, 8))},
            base={**BASE, f"{_WORDS}.weight": ExampleTensor((50, 8))},
        ),
    ),
    references=("https://github.com/huggingface/peft/issues/1457",),
)


def check(config: Config, weights: Weights, plan: Plan) -> Iterator[Finding]:
    """One finding, for the first of them."""
    whole = [each for each in plan.mismatched if split(each.name) is None]
    if whole:
        first = whole[0]
        more = f" (and {len(whole) - 1} more)" if len(whole) > 1 else ""
        shapes = f"{list(first.shape)} in the file and {list(first.wanted)} in the base"
        message = f"{first.name} is {shapes}{more}, so PEFT cannot load the adapter"
        yield RULE.finding(message, weights.place(first.name), status=Status.unreadable)
