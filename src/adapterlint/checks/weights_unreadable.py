"""The file with the adapter's weights cannot be read, so loading the adapter raises an exception, or never gets that
far because a library looks for another file.

What it turns out to be:

- **cut off**: an interrupted download, a full disk, a training run killed while it saved. The header of a safetensors
  file says how long the file must be.
- **a Git LFS pointer**: three lines of text that stand for the real file. The repository was cloned without git-lfs.
- **an HTML page**: a download that was answered with an error or login page.
- **empty**: the disk was full, or the file was only touched.
- **damaged**: tensors that overlap or leave gaps, shapes that do not fit their bytes, a header that is not JSON. Two
  processes wrote at once, or the file was edited by hand. It is what `safetensors.safe_open` refuses.
- **another format under this name**: a pickle called .safetensors, a safetensors file called .bin.

A `.bin` is never unpickled to find this out, so looking at a stranger's adapter is safe. Files of PyTorch before 1.6
are not read; what they hold is not checked.

To mend it, fetch the file again (`git lfs pull`, `huggingface-cli download`) or save the adapter again with
`model.save_pretrained(folder)`. A file cut off while it was saved cannot be mended: an earlier checkpoint can take
its place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from adapterlint.model import Example, ExampleTensor, Fault, Place, Rule, Severity, Status

if TYPE_CHECKING:
    from adapterlint.model import Broken, Finding

_PATH = "adapter/adapter_model.safetensors"
_POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'5a' * 32}\nsize 86000000\n"
_NAME = "base_model.model.encoder.layer.0.attention.self.query.lora_{}.weight"


def _file(offsets: tuple[list[int], list[int]], data: int, *, shape: tuple[int, ...] = (1, 2)) -> bytes:
    """A safetensors file of two tensors at these offsets, with `data` bytes of values."""
    tensors = {
        _NAME.format(factor): {"dtype": "F32", "shape": shape, "data_offsets": where}
        for factor, where in zip("AB", offsets, strict=True)
    }
    header = json.dumps(tensors).encode()
    return len(header).to_bytes(8, "little") + header + bytes(data)


_GOOD = _file(([0, 8], [8, 16]), 16)

RULE = Rule(
    id="weights-unreadable",
    family="weights",
    severity=Severity.error,
    summary="a weights file that is cut off, damaged, or not what its name says",
    why=__doc__ or "",
    examples=(
        Example("cut off in the values", files={_PATH: _GOOD[:-4]}, status=Status.unreadable),
        Example("cut off in the header", files={_PATH: _GOOD[:40]}, status=Status.unreadable),
        Example("empty", files={_PATH: b""}, status=Status.unreadable),
        Example("a web page", files={_PATH: "<!DOCTYPE html><html><body>Sign in</body></html>"}),
        Example("overlapping tensors", files={_PATH: _file(([0, 8], [4, 12]), 12)}, status=Status.unreadable),
        Example("a gap between tensors", files={_PATH: _file(([0, 8], [12, 20]), 20)}),
        Example("a shape that does not fit its bytes", files={_PATH: _file(([0, 8], [8, 16]), 16, shape=(3, 2))}),
        Example("a header that claims 4 exabytes", files={_PATH: (1 << 62).to_bytes(8, "little") + _GOOD[8:]}),
        Example("a script for a .bin", files={"adapter/adapter_model.bin": "#!/bin/sh\necho hello\n"}),
        Example("a Git LFS pointer", files={_PATH: _POINTER}, severity=Severity.warning, status=Status.not_checked),
        Example("a sound file", fires=0, files={_PATH: _GOOD}),
        Example(
            "a dtype of tomorrow: its values are not looked at, and that is no fault",
            fires=0,
            files={_PATH: _GOOD.replace(b'"F32"', b'"F2X"')},
        ),
        Example("trained weights", fires=0, tensors={_NAME.format("B"): ExampleTensor((4, 2))}),
    ),
)
_NOT_FETCHED = (Fault.lfs_pointer, Fault.unsupported, Fault.denied)


def check(broken: Broken) -> Iterator[Finding]:
    """One finding for weights that could not be read; a warning where they may well be sound."""
    if broken.reads != "weights":
        return
    unseen = broken.fault in _NOT_FETCHED
    yield RULE.finding(
        f"{Path(broken.path).name} is {broken.reason}",
        broken.place or Place(broken.path),
        severity=Severity.warning if unseen else Severity.error,
        status=Status.not_checked if unseen else Status.unreadable,
    )
