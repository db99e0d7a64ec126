"""A tensor begins at a byte of the file that is no multiple of the size of its elements. The safetensors library
accepts that, and so does PEFT: measured, the output is the same to the last bit. Readers that map the file into
memory and look at the numbers in place do not: Rust and C++ programs refuse it or copy every tensor, and some
processors and GPU loaders fault on it.

The format asks writers to pad the header with spaces so that the data begins at a multiple of 8, and libraries do;
safetensors before 0.3 did not. Otherwise it comes from headers edited by hand, or from tensors of different element
sizes written in another order than largest first.

To mend it, save the file again: `save_file(load_file(path), path)` with safetensors.torch (or safetensors.numpy).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.artifacts.weights.dtypes import BITS
from adapterlint.model import Example, Rule, Severity, TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding, Target

_PATH = "adapter/adapter_model.safetensors"
_NAME = "base_model.model.encoder.layer.0.attention.self.query.lora_A.weight"


def _file(padding: int) -> bytes:
    """A safetensors file of one tensor whose header ends in this many spaces more than alignment needs."""
    header = json.dumps({_NAME: {"dtype": "F32", "shape": [2, 1], "data_offsets": [0, 8]}}).encode()
    header += b" " * (-len(header) % 8 + padding)
    return len(header).to_bytes(8, "little") + header + b"\x00\x00\x80\x3f" * 2


RULE = Rule(
    id="misaligned-tensor",
    family="weights",
    severity=Severity.info,
    summary="a tensor that begins inside an element, where readers of mapped files may refuse it",
    why=__doc__ or "",
    examples=(
        Example("a header of odd length", files={_PATH: _file(1)}),
        Example("a header padded to a multiple of 8", fires=0, files={_PATH: _file(0)}),
        Example("4 bytes off, which fits float32", fires=0, files={_PATH: _file(4)}),
    ),
    references=("https://github.com/huggingface/safetensors#format",),
)


def check(target: Target, weights: Weights) -> Iterator[Finding]:
    """At most one finding, at the first such tensor. Pickles are copied when they are read, and left out."""
    if target.kind is not TargetKind.adapter or weights.pickled:
        return
    odd = [
        it for it in weights.tensors.values() if it.stop > it.start and it.start % max(1, BITS.get(it.dtype, 8) // 8)
    ]
    if not odd:
        return
    first = odd[0]
    rest = f" (and {len(odd) - 1} more of {len(weights.tensors)})" if len(odd) > 1 else ""
    size = BITS[first.dtype] // 8
    message = (
        f"{first.name}{rest} begins at byte {first.start}, which is no multiple of the {size} bytes of {first.dtype}"
    )
    yield RULE.finding(message, weights.place(first.name))
