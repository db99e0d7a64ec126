"""A .bin file is a Python pickle: a list of steps, some of which import a function by name and call it. Tensors need
about twenty such names (torch._utils._rebuild_tensor_v2, torch.FloatStorage, collections.OrderedDict, …). This one
imports others, so that reading it may run a program of a stranger's choosing, with your rights, before any tensor is
seen.

adapterlint reads the steps as data and imports nothing, so looking is safe. `torch.load` with `weights_only=True`
(what recent PEFT uses) refuses such a file with an UnpicklingError; an older torch or PEFT, or `weights_only=False`,
runs it. A name that can run programs, reach the disk or fetch another name (os.system, builtins.eval, …) is an
error. A name that is only not needed for tensors, such as a class of the training script saved along, is a warning:
PEFT refuses the file all the same, unless adapter_model.safetensors lies beside it, which is read first.

To mend it: do not load the file. Ask its author for a .safetensors, or take a copy from a source you trust. If it is
your own, load it where it was made, keep only the tensors and save those with `safetensors.torch.save_file`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.artifacts.imports import imports, suspicious
from adapterlint.model import Example, ExampleTensor, Place, Rule, Severity, Status

if TYPE_CHECKING:
    from adapterlint.model import Finding, Target

_CONFIG = {"peft_type": "LORA", "base_model_name_or_path": "bert-base-uncased", "target_modules": ["query"], "r": 2}
_QUERY = "base_model.model.encoder.layer.0.attention.self.query"
_TENSORS = {f"{_QUERY}.lora_A.weight": ExampleTensor((2, 4)), f"{_QUERY}.lora_B.weight": ExampleTensor((4, 2))}
_BIN = "adapter/adapter_model.bin"

RULE = Rule(
    id="unsafe-pickle",
    family="weights",
    severity=Severity.error,
    summary="a .bin that would import and call more than tensors need",
    why=__doc__ or "",
    examples=(
        Example(
            "it would call os.system",
            files={_BIN: b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R."},
            status=Status.unreadable,
        ),
        Example(
            "the name is put together on the stack",
            files={_BIN: b"\x80\x04\x8c\x08builtins\x94\x8c\x04eval\x94\x93\x8c\x011\x94\x85\x94R\x94."},
            status=Status.unreadable,
        ),
        Example(
            "a class of the training script",
            files={_BIN: b"\x80\x02ctrain\nArguments\n)R."},
            severity=Severity.warning,
            status=Status.unreadable,
        ),
        Example(
            "safetensors beside it are read first",
            tensors=_TENSORS,
            files={_BIN: b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R."},
            severity=Severity.warning,
        ),
        Example("tensors only", fires=0, config=_CONFIG, pickled=_TENSORS),
    ),
    references=(
        "https://docs.python.org/3/library/pickle.html",
        "https://pytorch.org/docs/stable/generated/torch.load.html",
    ),
)


def check(target: Target) -> Iterator[Finding]:
    """One finding for each file, at the file, naming what it would import."""
    for path in target.pickled:
        dangerous, odd = suspicious(imports(path))
        if not (dangerous or odd):
            continue
        named = dangerous or odd
        rest = f" and {len(named) - 2} more" if len(named) > 3 else ""
        shown = ", ".join(name[:80] for name in (named[:2] if rest else named))
        what = "can run a program" if dangerous else "no tensor needs"
        message = f"unpickling {path.rpartition('/')[2]} would import {shown}{rest}, which {what}"
        grave = bool(dangerous) and not target.weights
        yield RULE.finding(
            message,
            Place(path),
            severity=Severity.error if grave else Severity.warning,
            status=None if target.weights else Status.unreadable,
        )
