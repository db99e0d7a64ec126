"""The adapters a source may mean when its path cannot be followed: those of the run and those below its folder."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from adapterlint.loadplan.keyform import KeyForm, of_folder

_PASSED_BY = frozenset({".git", ".venv", "venv", "site-packages", "node_modules", "__pycache__", ".ipynb_checkpoints"})
_MOST = 20_000  # folders looked into below one source


def wrapped_below(source: str, adapters: Sequence[str]) -> str | None:
    """The first adapter of the run, or below the source's folder, whose keys were saved from a SentenceTransformer."""
    for folder in (*adapters, *_below(str(Path(source).parent))):
        if of_folder(folder) is KeyForm.wrapped_st:
            return folder
    return None


def _below(folder: str) -> Iterator[str]:
    for number, (here, folders, files) in enumerate(os.walk(folder)):
        folders[:] = sorted(name for name in folders if name not in _PASSED_BY)
        if "adapter_config.json" in files:
            yield Path(here).as_posix()
        if number >= _MOST:
            return
