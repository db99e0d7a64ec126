"""A load in the source and the adapter that it names, where both are of one run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from adapterlint.knowledge.keys import PEFT_PREFIX, PROMPT_TYPES
from adapterlint.names.history import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adapterlint.artifacts.config import Config
    from adapterlint.names import Names
    from adapterlint.names.objects import Values

_WEIGHTS = "adapter_model.safetensors"


class Joined:
    """The adapters of a run, found by what the source says of them; each config is read once."""

    def __init__(self, names: Names, adapters: tuple[str, ...]) -> None:
        """`adapters` are the paths of all adapters of the run: folders, or files of them."""
        self._names = names
        self._adapters = adapters
        self._folders: frozenset[str] | None = None
        self._configs: dict[str, Config | None] = {}

    def config(self, path: Values) -> Config | None:
        """The config of the one adapter of the run that the values name, where it is PEFT's and no soft prompt."""
        folders = self._names.folders(path) if literal(path) is not None else []
        if len(folders) != 1 or not self._of_run(folders[0]):
            return None
        folder = folders[0]
        if folder not in self._configs:
            from adapterlint.artifacts import config as configs  # most sources name no adapter of the run

            read = configs.read(str(Path(folder, "adapter_config.json")))
            whole = isinstance(read, configs.Config) and read.is_peft and read.peft_type not in PROMPT_TYPES
            self._configs[folder] = read if whole and isinstance(read, configs.Config) else None
        return self._configs[folder]

    def _of_run(self, folder: str) -> bool:
        if self._folders is None:
            self._folders = frozenset(_real(it) for it in self._adapters)
        return os.path.realpath(folder) in self._folders


def _real(path: str) -> str:
    real = os.path.realpath(path)
    return real if not os.path.basename(real).startswith("adapter_") else os.path.dirname(real)  # noqa: PTH119, PTH120


def modules(config: Config) -> Iterator[str]:
    """The first part of the module paths that the adapter's weights belong to, as far as they can be read."""
    from adapterlint.artifacts.weights import Header, read_header

    header = read_header(str(Path(config.path).parent / _WEIGHTS))
    if isinstance(header, Header):
        found = [name.removeprefix(PEFT_PREFIX) for name in header.tensors if name.startswith(PEFT_PREFIX)]
        yield from dict.fromkeys(name.partition(".")[0] for name in found)
