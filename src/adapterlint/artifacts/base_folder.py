"""The files of a base model: where its folder is, its config, and the tensors that its weight files describe."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapterlint.artifacts import files
from adapterlint.artifacts.weights.header import read_header
from adapterlint.model import Broken, Fault

if TYPE_CHECKING:
    from adapterlint.artifacts.weights.header import Tensor

_MAX_CONFIG = 16_000_000
_MAX_INDEX = 100_000_000
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")


def find(path: str) -> Path | None:
    """The folder that holds config.json: `path`, the transformer of a SentenceTransformer, a snapshot in the cache."""
    for candidate in (Path(path), Path(path) / "0_Transformer", *_in_cache(path)):
        if (candidate / "config.json").is_file():
            return candidate
    return None


def _in_cache(name: str) -> list[Path]:
    """The newest snapshot of `owner/name` in the local cache of the hub."""
    if not re.fullmatch(r"[\w.-]+(?:/[\w.-]+)?", name) or os.path.isdir(name):  # noqa: PTH112
        return []
    cache = os.environ.get("HF_HUB_CACHE") or Path(os.environ.get("HF_HOME", "~/.cache/huggingface")) / "hub"
    snapshots = Path(cache).expanduser() / f"models--{name.replace('/', '--')}" / "snapshots"
    try:
        found = sorted(snapshots.iterdir(), key=lambda snapshot: snapshot.stat().st_mtime)
    except OSError:
        return []
    return found[-1:]


def config(folder: Path) -> dict[str, Any] | Broken:
    """Its config.json."""
    path = folder / "config.json"
    data = files.read_bytes(path.as_posix(), "base", _MAX_CONFIG)
    if isinstance(data, Broken):
        return data
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        return Broken(path.as_posix(), "base", Fault.syntax, "not a JSON object")
    return found


def tensors(folder: Path) -> dict[str, Tensor] | Broken:
    """The tensors of its weight files; none of their values."""
    named = _files(folder)
    if isinstance(named, Broken):
        return named
    found: dict[str, Tensor] = {}
    for file in named:
        read = _tensors(file)
        if isinstance(read, Broken):
            return read
        found.update(read)
    return found


def _files(folder: Path) -> list[Path] | Broken:
    """The weight files that transformers would read, in its order of preference."""
    for name in _WEIGHTS:
        whole = folder / name
        if whole.is_file():
            return [whole]
        index = folder / f"{name}.index.json"
        if index.is_file():
            data = files.read_bytes(index.as_posix(), "base", _MAX_INDEX)
            if isinstance(data, Broken):
                return data
            try:
                shards = sorted(set(json.loads(data)["weight_map"].values()))
                return [folder / shard for shard in shards]
            except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
                return Broken(index.as_posix(), "base", Fault.syntax, "not an index of shards")
    return Broken(folder.as_posix(), "base", Fault.missing, "without model.safetensors and pytorch_model.bin")


def _tensors(file: Path) -> Mapping[str, Tensor] | Broken:
    from adapterlint.artifacts.pickled import read_pickled

    read = read_header(file.as_posix()) if file.suffix == ".safetensors" else read_pickled(file.as_posix())
    if isinstance(read, Broken):
        return Broken(read.path, "base", read.fault, read.reason, read.hint)
    return read.tensors
