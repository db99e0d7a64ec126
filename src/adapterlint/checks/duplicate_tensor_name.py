"""The same tensor name stands twice in the weights: in one header, or in two shards. JSON does not say which of two
equal keys counts. The safetensors library takes the last one and says nothing; other readers take the first, or
refuse the file. So the adapter that one program evaluates is not the one that another serves.

No library writes such a file. It comes from joining files by hand or with a script, from two saves into shards of
different layout, or from someone who wants a scanner to see one tensor and the loader another.

To mend it, read the file with the program that is right for you and save it again, or fetch it again from its
source.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.model import Example, Rule, Severity, TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding, Target

_PATH = "adapter/adapter_model.safetensors"
_NAME = "base_model.model.encoder.layer.0.attention.self.query.lora_{}.weight"


def _file(*names: str) -> bytes:
    """A safetensors file whose header names these tensors, all of them the same eight bytes."""
    rows = (f"{json.dumps(name)}:{json.dumps(_ROW)}" for name in names)
    header = ("{" + ",".join(rows) + "}").encode()
    return len(header).to_bytes(8, "little") + header + b"\x00\x00\x80\x3f" * 2


_ROW = {"dtype": "F32", "shape": [2, 1], "data_offsets": [0, 8]}

RULE = Rule(
    id="duplicate-tensor-name",
    family="weights",
    severity=Severity.warning,
    summary="a tensor name that stands twice, so that programs disagree which one counts",
    why=__doc__ or "",
    examples=(
        Example("twice in a header", files={_PATH: _file(_NAME.format("A"), _NAME.format("A"))}),
        Example("each name once", fires=0, files={_PATH: _file(_NAME.format("A"))}),
    ),
)


def check(target: Target, weights: Weights) -> Iterator[Finding]:
    """At most one finding, at the first such name."""
    if target.kind is not TargetKind.adapter or not weights.twice:
        return
    first, rest = weights.twice[0], len(weights.twice) - 1
    where = "in the header" if len(weights.files) == 1 else "in the shards"
    more = f", and so do {rest} more" if rest else ""
    message = f"{first} stands twice {where}{more}; safetensors takes the last, others the first"
    yield RULE.finding(message, weights.place(first))
