"""Two adapters of this run hold the same weights, to the last bit, under different names. Whoever compares them
compares one adapter with itself, and whoever routes requests between them routes nowhere.

It comes from a loop over languages, seeds or data sets that saves the same model each time (the model is not built
anew, or `set_adapter` is missing before `save_pretrained`), from a copied folder that was meant as a start and never
trained on, or from a save that reached the wrong adapter of several. Training twice, even with one seed, seldom
gives the same bits on a GPU.

Copies that are normal are left out: a checkpoint, best, last or final save beside each other or in the folder of the
adapter, and backups. So are adapters that do nothing, which inert-adapter tells.

To mend it, look at which of the two the training log belongs to, and train the other, or delete it. In a loop over
adapters of one model, call `model.set_adapter(name)` before training and `model.save_pretrained(folder,
selected_adapters=[name])` after.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.model import Example, Place, Rule, Severity, Status

if TYPE_CHECKING:
    from adapterlint.model import Finding, Run

_SAVE = re.compile(
    r"(?:check_?points?|ckpt|epoch|step|iter|global_?step|best|last|latest|final|backup|bak|copy|old|tmp|temp|merged|output"
    r"|out|model|adapter|lora|weights|snapshot|export|eval|save|saved|run|trainer|\d+)s?",
    re.IGNORECASE,
)
_HEADER = (
    b'{"base_model.model.encoder.layer.0.attention.self.query.lora_A.weight":{"dtype":"F32","shape":[1,2],'
    b'"data_offsets":[0,8]},"base_model.model.encoder.layer.0.attention.self.query.lora_B.weight":{"dtype":"F32",'
    b'"shape":[2,1],"data_offsets":[8,16]}}'
)


def _file(value: bytes) -> bytes:
    """A LoRA adapter over one module, all of whose elements are this float32."""
    return len(_HEADER).to_bytes(8, "little") + _HEADER + value * 4


_ONE, _HALF = b"\0\0\x80\x3f", b"\0\0\0\x3f"

RULE = Rule(
    id="identical-adapters",
    family="weights",
    severity=Severity.warning,
    summary="two adapters of the run with the same weights under different names",
    why=__doc__ or "",
    examples=(
        Example(
            "German is French",
            files={
                "german/adapter_model.safetensors": _file(_ONE),
                "french/adapter_model.safetensors": _file(_ONE),
                "dutch/adapter_model.safetensors": _file(_HALF),
            },
        ),
        Example(
            "the last checkpoint is what was saved at the end",
            fires=0,
            files={
                "german/adapter_model.safetensors": _file(_ONE),
                "german/checkpoint-500/adapter_model.safetensors": _file(_ONE),
            },
        ),
        Example(
            "a best and a final save beside each other",
            fires=0,
            files={
                "german/best_model/adapter_model.safetensors": _file(_ONE),
                "german/final/adapter_model.safetensors": _file(_ONE),
            },
        ),
        Example(
            "different weights",
            fires=0,
            files={
                "german/adapter_model.safetensors": _file(_ONE),
                "french/adapter_model.safetensors": _file(_HALF),
            },
        ),
    ),
)


def check(run: Run) -> Iterator[Finding]:
    """One finding for each adapter that is a copy, at its folder; the first in order of path is the original."""
    groups: dict[int, list[str]] = {}
    for path, digest in run.digests.items():
        verdict = run.verdicts.get(path)
        if verdict is not None and verdict.status not in (Status.inert, Status.loads_nothing, Status.unreadable):
            groups.setdefault(digest, []).append(path)
    for paths in groups.values():
        if len(paths) > 1:
            paths.sort()
            apart: list[str] = []
            for path in paths[1:]:
                if not any(_is_save_of(path, other) for other in (paths[0], *apart)):
                    apart.append(path)
            for path in apart:
                message = f"the weights are those of {paths[0]}, to the last bit"
                yield RULE.finding(message, Place(path), related=(Place(paths[0]),))


def _is_save_of(one: str, two: str) -> bool:
    """Whether the paths differ only by the names that saves of one run have; then a copy is normal."""
    shared = os.path.commonpath([one, two]) if os.path.isabs(one) == os.path.isabs(two) else ""  # noqa: PTH117
    rest = [os.path.relpath(path, shared or ".") for path in (one, two)]
    words = {part for path in rest for part in path.replace("\\", "/").split("/") if part != "."}
    own = words - {part for part in words if all(_SAVE.fullmatch(word) for word in _words(part))}
    return not own


def _words(part: str) -> list[str]:
    return [word for word in re.split(r"[-_. ]+|(?<=[a-zA-Z])(?=\d)", part) if word]
