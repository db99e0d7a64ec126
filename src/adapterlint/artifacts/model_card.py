"""The model card that PEFT writes beside what it saves."""

from __future__ import annotations

import os.path

_HEAD = 10_000  # bytes: the card begins with its table of contents


def is_without_adapter(folder: str) -> bool:
    """Whether `folder` holds a card of PEFT's and none of the files of an adapter."""
    try:
        with open(f"{folder}/README.md", "rb") as file:  # noqa: PTH123
            head = file.read(_HEAD)
    except OSError:
        return False
    start, *rest = head.replace(b"\r\n", b"\n").split(b"\n---\n", 1)
    if not (rest and start.startswith(b"---\n") and b"\nlibrary_name: peft" in start):
        return False
    return not any(os.path.lexists(f"{folder}/{name}") for name in ("adapter_config.json", "adapter_model.safetensors"))
