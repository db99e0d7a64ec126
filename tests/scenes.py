"""Writing the small world of an `Example` to disk."""

from __future__ import annotations

import io
import json
import math
import random
import struct
import zipfile
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
    if example.base is not None:
        files.setdefault("base/config.json", '{"model_type": "bert", "architectures": ["BertModel"]}')
        files["base/model.safetensors"] = safetensors(dict(example.base))
    if example.pickled is not None:
        files["adapter/adapter_model.bin"] = pickled(dict(example.pickled))
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
        header[name] = {
            "dtype": tensor.dtype,
            "shape": list(tensor.shape),
            "data_offsets": [len(data), len(data) + len(_data(tensor, count))],
        }
        data += _data(tensor, count)
    text = json.dumps({"__metadata__": {"format": "pt"}, **header}).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def pickled(tensors: dict[str, ExampleTensor]) -> bytes:
    """The bytes of a .bin file as torch.save writes it, of float32 tensors."""

    def text(value: str) -> bytes:
        return b"X" + struct.pack("<I", len(value)) + value.encode()

    def sizes(values: list[int]) -> bytes:
        return b"(" + b"".join(b"J" + struct.pack("<i", value) for value in values) + b"t"

    body, written = b"\x80\x02}(", io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for number, (name, tensor) in enumerate(tensors.items()):
            count, shape = math.prod(tensor.shape), list(tensor.shape)
            storage = b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text(str(number)) + text("cpu")
            storage += b"J" + struct.pack("<i", count) + b"tQ"
            strides = [math.prod(shape[at + 1 :]) for at in range(len(shape))]
            call = b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"K\x00" + sizes(shape) + sizes(strides)
            body += text(name) + call + b"\x89ccollections\nOrderedDict\n)RtR"
            archive.writestr(f"archive/data/{number}", _data(tensor, count))
        archive.writestr("archive/data.pkl", body + b"u.")
    return written.getvalue()


def _data(tensor: ExampleTensor, count: int) -> bytes:
    if not tensor.varied:
        return _element(tensor.dtype, tensor.value) * count
    steps = random.Random(tensor.varied)
    return b"".join(_element(tensor.dtype, tensor.value * steps.uniform(-1, 1)) for _ in range(count))


def _element(dtype: str, value: float) -> bytes:
    if dtype == "BF16":
        return struct.pack("<f", value)[2:]
    code = _CODES[dtype]
    return struct.pack(f"<{code}", value if code in "dfe" else int(value))


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
