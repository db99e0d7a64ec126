"""The two factors of the update are stored in different precisions. PEFT casts what it loads to the dtype of the
layer it goes into (or to float32 with `autocast_adapter_dtype`), so the adapter works; measured, a lora_A rounded to
bfloat16 beside a float32 lora_B moves the output in the fourth digit.

It is worth knowing because it is seldom meant: a part of the model was cast (`model.half()` before the adapter was
added, a mixed-precision plugin, a merge of two files), and what was rounded is rounded for good. Some engines refuse
or convert such files each in their own way. Heads and embeddings beside the update may well have another precision,
and are left out here.

To mend it, save in one dtype: `model = model.to(torch.float32)` or bfloat16, before `model.save_pretrained(folder)`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.loadplan.pairs import layout
from adapterlint.model import Example, ExampleTensor, Rule, Severity, TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding, Target

_CONFIG = {"peft_type": "LORA", "base_model_name_or_path": "bert-base-uncased", "target_modules": ["query"], "r": 2}
_QUERY = "base_model.model.encoder.layer.0.attention.self.query"
_A, _B = f"{_QUERY}.lora_A.weight", f"{_QUERY}.lora_B.weight"

RULE = Rule(
    id="mixed-dtypes",
    family="weights",
    severity=Severity.hint,
    summary="factors of the update in different precisions",
    why=__doc__ or "",
    examples=(
        Example(
            "one factor in bfloat16",
            config=_CONFIG,
            tensors={_A: ExampleTensor((2, 4), dtype="BF16"), _B: ExampleTensor((4, 2))},
        ),
        Example("one dtype", fires=0, config=_CONFIG, tensors={_A: ExampleTensor((2, 4)), _B: ExampleTensor((4, 2))}),
        Example(
            "a head in float32 beside",
            fires=0,
            config={**_CONFIG, "modules_to_save": ["classifier"]},
            tensors={
                _A: ExampleTensor((2, 4), dtype="BF16"),
                _B: ExampleTensor((4, 2), dtype="BF16"),
                "base_model.model.classifier.weight": ExampleTensor((2, 4)),
            },
        ),
    ),
)


def check(target: Target, weights: Weights) -> Iterator[Finding]:
    """At most one finding, at the first tensor of the rarer dtype."""
    if target.kind is not TargetKind.adapter or len({tensor.dtype for tensor in weights.tensors.values()}) < 2:
        return
    names = [name for pair in layout(weights.tensors).pairs for name in pair.names]
    counted = Counter(weights.tensors[name].dtype for name in names)
    if len(counted) < 2:
        return
    rarest = counted.most_common()[-1][0]
    place = weights.place(next(name for name in names if weights.tensors[name].dtype == rarest))
    shares = " and ".join(f"{number} in {dtype}" for dtype, number in counted.most_common())
    yield RULE.finding(f"the factors are stored in {len(counted)} dtypes: {shares}", place)
