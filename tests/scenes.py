"""Writing the small world of an `Example` to disk."""

from __future__ import annotations

import json
import struct
from pathlib import Path

from adapterlint.model import Example, ExampleTensor

_CODES = {"F64": "d", "F32": "f", "F16": "e", "I64": "q", "I32": "i", "I16": "h", "I8": "b", "U8": "B", "BOOL": "?"}


def write(example: Example, folder: Path) -> list[str]:
    """Write the example's files below `folder`; the paths to check come back."""
    files: dict[str, str | bytes] = dict(example.files)
    if example.config is not None:
        files["adapter/adapter_config.json"] = json.dumps(dict(example.config), indent=2)
    if example.tensors is not None:
        files["adapter/adapter_model.safetensors"] = safetensors(dict(example.tensors))
    if example.cells:
        files["notebook.ipynb"] = notebook(example.cells)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return [(folder / target).as_posix() for target in example.targets]


def safetensors(tensors: dict[str, ExampleTensor]) -> bytes:
    """The bytes of a safetensors file in which every element of a tensor has the tensor's one value."""
    header, data = {}, b""
    for name, tensor in tensors.items():
        count = 1
        for size in tensor.shape:
            count *= size
        element = _element(tensor)
        header[name] = {
            "dtype": tensor.dtype,
            "shape": list(tensor.shape),
            "data_offsets": [len(data), len(data) + count * len(element)],
        }
        data += element * count
    text = json.dumps({"__metadata__": {"format": "pt"}, **header}).encode()
    return struct.pack("<Q", len(text)) + text + data


def _element(tensor: ExampleTensor) -> bytes:
    if tensor.dtype == "BF16":
        return struct.pack("<f", tensor.value)[2:]
    code = _CODES[tensor.dtype]
    return struct.pack(f"<{code}", tensor.value if code in "dfe" else int(tensor.value))


def notebook(cells: tuple[str, ...]) -> str:
    """A notebook of code cells, as Jupyter writes it."""
    body = [
        {
            "cell_type": "code",
            "execution_count": number,
            "id": f"cell-{number}",
            "metadata": {},
            "outputs": [],
            "source": text.splitlines(keepends=True),
        }
        for number, text in enumerate(cells, 1)
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {"cells": body, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def cells_of(path: Path) -> tuple[str, ...]:
    """The sources of a notebook's cells."""
    return tuple("".join(cell["source"]) for cell in json.loads(path.read_text(encoding="utf-8"))["cells"])
