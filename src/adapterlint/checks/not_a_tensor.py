"""An entry of adapter_model.bin has the name of an adapter tensor and is something else: a sparse, quantized or
distributed tensor, a placeholder without storage, a numpy array, a list or a number. PEFT copies every entry into a
parameter, which works for plain tensors only: measured with PEFT 0.21.2, each of these raises (a RuntimeError at the
copy, or an UnpicklingError where the pickle needs more than tensors do), so the adapter cannot be loaded.

It comes from saving a raw state dict: of a quantized or FSDP2 model (whose parameters are DTensors), of a model on
the meta device, or one that a script has turned into arrays or lists. Entries under other names (an epoch, a note)
are passed over by PEFT, and so are they here. Where the pickle would import what no tensor needs, unsafe-pickle tells.

To mend it, load the file where it was made, turn each entry into a plain tensor (`.full_tensor()` of a DTensor,
`.dequantize()`, `.to_dense()`, `torch.as_tensor(array)`), and save those with `safetensors.torch.save_file`; or save
the adapter again with `model.save_pretrained(folder)`.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.artifacts.imports import suspicious
from adapterlint.loadplan.keyform import split
from adapterlint.model import Example, ExampleTensor, Place, Rule, Severity, Status, TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding, Target

_CONFIG = {"peft_type": "LORA", "base_model_name_or_path": "bert-base-uncased", "target_modules": ["query"], "r": 2}
_QUERY = "base_model.model.encoder.layer.0.attention.self.query"
_BIN = "adapter/adapter_model.bin"


def _archive(*entries: tuple[str, bytes]) -> bytes:
    """A file of torch.save with these names and pickled values, none of them a tensor."""
    items = b"".join(b"X" + len(name).to_bytes(4, "little") + name.encode() + value for name, value in entries)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(zipfile.ZipInfo("adapter/data.pkl"), b"\x80\x02}(" + items + b"u.")
    return target.getvalue()


RULE = Rule(
    id="not-a-tensor",
    family="weights",
    severity=Severity.error,
    summary="an entry of a .bin that has an adapter tensor's name and is none",
    why=__doc__ or "",
    examples=(
        Example(
            "a sparse tensor and a list",
            config=_CONFIG,
            files={
                _BIN: _archive(
                    (f"{_QUERY}.lora_A.weight", b"ctorch._utils\n_rebuild_sparse_tensor\n)R"),
                    (f"{_QUERY}.lora_B.weight", b"]"),
                )
            },
            status=Status.unreadable,
        ),
        Example(
            "a number and a note beside them", fires=0, files={_BIN: _archive(("epoch", b"K\x03"), ("note", b"N"))}
        ),
        Example(
            "plain tensors",
            fires=0,
            config=_CONFIG,
            pickled={
                f"{_QUERY}.lora_A.weight": ExampleTensor((2, 4)),
                f"{_QUERY}.lora_B.weight": ExampleTensor((4, 2)),
            },
        ),
    ),
)


def check(target: Target, weights: Weights) -> Iterator[Finding]:
    """At most one finding, at the first such entry."""
    if target.kind is not TargetKind.adapter or any(suspicious(weights.globals)):
        return
    names = [name for name in weights.opaque if split(name) is not None]
    if names:
        what = f"{names[0]} is" if len(names) == 1 else f"{names[0]} and {len(names) - 1} more entries are"
        noun = "no plain tensor" if len(names) == 1 else "no plain tensors"
        message = (
            f"{what} {noun}, so PEFT cannot copy it" if len(names) == 1 else f"{what} {noun}, so PEFT cannot copy them"
        )
        yield RULE.finding(message, Place(weights.path, pointer=names[0]), status=Status.unreadable)
