"""The base model an adapter is put around: its config, and the names and shapes of its parameters. No values."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapterlint.artifacts import files
from adapterlint.artifacts.weights.header import read_header
from adapterlint.knowledge.base_models import EMBEDDINGS, INPUT_EMBEDDINGS, TRANSPOSED_NAMES, TRANSPOSED_TYPES
from adapterlint.knowledge.renamed import RENAMED
from adapterlint.model import Broken, Fault

if TYPE_CHECKING:
    from adapterlint.artifacts.weights.header import Tensor

_MAX_CONFIG = 16_000_000
_MAX_INDEX = 100_000_000
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
_PLAIN_DTYPES = frozenset({"F64", "F32", "F16", "BF16"})
_GENERATES = re.compile(r"(?:ForCausalLM|LMHeadModel|DoubleHeadsModel|ForConditionalGeneration)$")


class Kind(Enum):
    """What a module is to PEFT. The value is how a message calls it."""

    linear = "a linear layer"
    transposed = "a Conv1D layer"
    embedding = "an embedding"
    conv = "a convolution"
    attention = "a MultiheadAttention"
    other = "a layer PEFT puts no LoRA around"


@dataclass(frozen=True, slots=True)
class Module:
    """A module that has parameters of its own. `shape` is its weight's, None where values are packed (quantised)."""

    kind: Kind
    shape: tuple[int, ...] | None = None


class Base:
    """One base model. `parameters` maps every name of its state dict to a shape, None where values are packed.

    `input_embeddings` is a module path, "" if none is called so; `tied` are the modules that share its weight.
    """

    def __init__(self, path: str, config: Mapping[str, Any], parameters: Mapping[str, tuple[int, ...] | None]) -> None:
        self.path = path
        self.config = config
        self.input_embeddings = _input_embeddings(parameters)
        tied = dict(_tied(config, parameters, self.input_embeddings)) if self.input_embeddings else {}
        self.tied = tuple(name.removesuffix(".weight") for name in tied)
        self.parameters = {**parameters, **tied}

    @property
    def model_type(self) -> str:
        """`model_type` of config.json, or ""."""
        return str(self.config.get("model_type") or "")

    @property
    def architecture(self) -> str:
        """The class the model was saved from, or ""."""
        named = self.config.get("architectures")
        return named[0] if isinstance(named, list) and named and isinstance(named[0], str) else ""

    @cached_property
    def is_renamed(self) -> bool:
        """Whether transformers gives the loaded model other parameter names than the file has."""
        stem = re.sub(r"(?:Model|Backbone|For[A-Z]\w*)$", "", self.architecture)
        stems = {re.sub(r"(?:Model|Backbone|For[A-Z]\w*)$", "", name) for name in RENAMED}
        inner = [value.get("model_type") for value in self.config.values() if isinstance(value, dict)]
        named = {self.model_type, *(str(name) for name in inner)}
        return bool(named & RENAMED) or bool({stem, stem + "Text", stem + "Vision"} & stems)

    @cached_property
    def modules(self) -> dict[str, Module]:
        """Every module with parameters of its own, by path."""
        found: dict[str, Module] = {}
        for name, shape in self.parameters.items():
            path, _, own = name.rpartition(".")
            if own in ("weight", "qweight"):
                found[path] = Module(self._kind(path, shape, own), shape if own == "weight" else None)
            elif own == "in_proj_weight":
                found[path] = Module(Kind.attention, shape)
            else:
                found.setdefault(path, Module(Kind.other))
        return found

    @cached_property
    def paths(self) -> frozenset[str]:
        """The paths of all modules that have parameters, of their own or below them."""
        above = set()
        for path in self.modules:
            while path:
                above.add(path)
                path = path.rpartition(".")[0]
        return frozenset(above)

    @cached_property
    def layers(self) -> int:
        """How many numbered layers the longest stack has."""
        numbers = [int(number) for path in self.modules for number in re.findall(r"\.(\d+)(?:\.|$)", path)[:1]]
        return max(numbers, default=-1) + 1

    def _kind(self, path: str, shape: tuple[int, ...] | None, own: str) -> Kind:
        last = path.rpartition(".")[2]
        if own == "qweight" or shape is None:
            return Kind.linear
        if len(shape) == 2:
            if last in EMBEDDINGS:
                return Kind.embedding
            gpt = self.model_type in TRANSPOSED_TYPES and last in TRANSPOSED_NAMES
            return Kind.transposed if gpt else Kind.linear
        return Kind.conv if len(shape) in (3, 4, 5) else Kind.other

    def renamed(self, parameters: Mapping[str, tuple[int, ...] | None]) -> Base:
        """The same model with other parameter names."""
        return Base(self.path, self.config, parameters)


def _input_embeddings(parameters: Mapping[str, Any]) -> str:
    """The path of the input embeddings, "" if no module is called so."""
    paths = [name.removesuffix(".weight") for name in parameters if name.endswith(".weight")]
    named = [path for path in paths if path.rpartition(".")[2] in INPUT_EMBEDDINGS]
    return min(named, key=lambda path: (not path.endswith("shared"), path.count("."), path), default="")


def _tied(
    config: Mapping[str, Any], parameters: Mapping[str, tuple[int, ...] | None], embeddings: str
) -> Iterator[tuple[str, tuple[int, ...] | None]]:
    """The parameters that a file leaves out because they are the input embeddings under another name."""
    shape = parameters[f"{embeddings}.weight"]
    if embeddings.endswith("shared"):
        above = embeddings.removesuffix("shared")
        for stack in ("encoder", "decoder"):
            if any(name.startswith(f"{above}{stack}.") for name in parameters):
                yield f"{above}{stack}.embed_tokens.weight", shape
    named = config.get("architectures")
    architecture = str(named[0]) if isinstance(named, list) and named else ""
    heads = ("lm_head.weight", "embed_out.weight")
    if _GENERATES.search(architecture) and not any(head in parameters for head in heads):
        yield "lm_head.weight", shape


@lru_cache(maxsize=8)
def read(path: str) -> Base | Broken:
    """The base model in the folder `path` (a SentenceTransformer's folder stands for the transformer in it)."""
    folder = _folder(path)
    if folder is None:
        return Broken(path, "base", Fault.missing, "not a folder with a config.json")
    config = _config(folder)
    if isinstance(config, Broken):
        return config
    parameters = _parameters(folder)
    return parameters if isinstance(parameters, Broken) else Base(path, config, parameters)


def _folder(path: str) -> Path | None:
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


def _config(folder: Path) -> dict[str, Any] | Broken:
    path = folder / "config.json"
    data = files.read_bytes(path.as_posix(), "base", _MAX_CONFIG)
    if isinstance(data, Broken):
        return data
    try:
        config = json.loads(data)
    except (ValueError, RecursionError):
        config = None
    if not isinstance(config, dict):
        return Broken(path.as_posix(), "base", Fault.syntax, "not a JSON object")
    return config


def _parameters(folder: Path) -> dict[str, tuple[int, ...] | None] | Broken:
    named = _files(folder)
    if isinstance(named, Broken):
        return named
    parameters: dict[str, tuple[int, ...] | None] = {}
    for file in named:
        read = _tensors(file)
        if isinstance(read, Broken):
            return read
        parameters.update((name, tensor.shape if _is_plain(tensor) else None) for name, tensor in read.items())
    return parameters


def _is_plain(tensor: Tensor) -> bool:
    return tensor.dtype in _PLAIN_DTYPES or len(tensor.shape) < 2


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
