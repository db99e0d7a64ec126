"""The base model an adapter is put around: its config, its name, the names and shapes of its parameters.

Values are read a few rows at a time, and only when a rule asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from adapterlint.artifacts import base_folder
from adapterlint.knowledge.base_models import (
    EMBEDDINGS,
    GENERATES,
    HEAD_NAMES,
    INPUT_EMBEDDINGS,
    TRANSPOSED_NAMES,
    TRANSPOSED_TYPES,
)
from adapterlint.knowledge.renamed import RENAMED
from adapterlint.model import Broken, Fault

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from adapterlint.artifacts.weights.header import Tensor

_PLAIN_DTYPES = frozenset({"F64", "F32", "F16", "BF16"})
_SNAPSHOT = re.compile(r"[/\\]models--([\w.-]+?)(?:--([\w.-]+))?[/\\]snapshots[/\\]([0-9a-f]{40})?")


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

    `input_embeddings` is a module path, "" if none is called so; `tied` are the modules that share its weight and
    are in no file. `tensors` are those of its files, `folder` is where they lie.
    """

    def __init__(
        self,
        path: str,
        config: Mapping[str, Any],
        parameters: Mapping[str, tuple[int, ...] | None],
        tensors: Mapping[str, Tensor] | None = None,
        folder: str = "",
    ) -> None:
        self.path, self.folder = path, folder or path
        self.config = config
        self.tensors = tensors or {}
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

    @property
    def name(self) -> str:
        """`owner/name` of the model in the Hub's cache, "" for any other folder, which does not say it."""
        found = _SNAPSHOT.search(f"{self.folder}/")
        return "/".join(filter(None, found.groups()[:2])) if found else ""

    @property
    def revision(self) -> str:
        """The commit of a model in the Hub's cache, or ""."""
        found = _SNAPSHOT.search(f"{self.folder}/")
        return (found[3] or "") if found else ""

    @cached_property
    def shared_head(self) -> str:
        """The path of the output embeddings if they are certainly the input embeddings under another name, or "".

        So where a model that generates has no other matrix of that size in its file, unless the config denies it, and
        where the config says it and the rows looked at are the same.
        """
        said = [self.config, *(value for value in self.config.values() if isinstance(value, dict))]
        ties = [it["tie_word_embeddings"] for it in said if "tie_word_embeddings" in it]
        words = self.modules.get(self.input_embeddings)
        if words is None or not words.shape or False in ties:
            return ""
        own = [path for path, it in self.modules.items() if path not in self.tied and self._may_be_head(path, it)]
        if not own:
            return next((path for path in self.tied if path.rpartition(".")[2] in HEAD_NAMES), "")
        if True not in ties or len(own) > 1 or self.modules[own[0]].shape != words.shape:
            return ""
        some = range(0, words.shape[0], max(1, words.shape[0] // 8))
        ours, theirs = (self.rows(f"{path}.weight", some) for path in (self.input_embeddings, own[0]))
        return own[0] if ours is not None and theirs is not None and bool((ours == theirs).all()) else ""

    def _may_be_head(self, path: str, module: Module) -> bool:
        if path.rpartition(".")[2] in HEAD_NAMES:
            return True
        return module.kind is Kind.linear and module.shape == self.modules[self.input_embeddings].shape

    def rows(self, name: str, numbers: Sequence[int]) -> npt.NDArray[np.float32] | None:
        """Some rows of the parameter `name`, flattened: (rows, elements of a row). None where they cannot be read."""
        tensor = self.tensors.get(name)
        if tensor is None:
            return None
        from adapterlint.artifacts.weights.rows import read_rows

        return read_rows(tensor, numbers)

    def place_of(self, module: str) -> str:
        """The path under which the file has the module that a class with or without a head has at `module`, or ""."""
        longer = (f"{first}.{module}" for first in self._firsts)
        return next((path for path in (module, module.partition(".")[2], *longer) if path in self.modules), "")

    @cached_property
    def _firsts(self) -> tuple[str, ...]:
        """What the paths begin with, of which a class with a head has few."""
        return tuple(sorted({path.partition(".")[0] for path in self.modules}))[:16]


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
    if GENERATES.search(architecture) and not any(f"{head}.weight" in parameters for head in HEAD_NAMES):
        yield "lm_head.weight", shape


@lru_cache(maxsize=8)
def read(path: str) -> Base | Broken:
    """The base model in the folder `path` (a SentenceTransformer's folder stands for the transformer in it)."""
    folder = base_folder.find(path)
    if folder is None:
        return Broken(path, "base", Fault.missing, "not a folder with a config.json")
    config = base_folder.config(folder)
    if isinstance(config, Broken):
        return config
    tensors = base_folder.tensors(folder)
    if isinstance(tensors, Broken):
        return tensors
    parameters = {name: tensor.shape if _is_plain(tensor) else None for name, tensor in tensors.items()}
    return Base(path, config, parameters, tensors, folder.resolve().as_posix())


def _is_plain(tensor: Tensor) -> bool:
    return tensor.dtype in _PLAIN_DTYPES or len(tensor.shape) < 2
