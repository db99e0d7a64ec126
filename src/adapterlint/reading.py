"""Which sources of a run are worth parsing, by a search of their bytes."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from adapterlint.inputs import Inputs
from adapterlint.model import Skipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from adapterlint.artifacts.source import Source
    from adapterlint.model import Run, Target


# What stands right before a closing quote, after the last slash; JSON puts a backslash before the quote.
_ENDS = re.compile(rb"([^\"'/\\\s]+)/?\\?[\"']")


class Reading:
    """The files of a run as bytes; `overlay` stands in for those of a source. What cannot be read is `skipped`.

    `tick` is told each path, when it has been read or when its turn to be linted comes.
    """

    def __init__(self, overlay: Mapping[str, bytes], skipped: list[Skipped], tick: Callable[[str], None]) -> None:
        self._overlay = overlay
        self._skipped = skipped
        self._tick = tick

    def worth(self, targets: Sequence[Target], matter: Callable[[bytes, str], bool], run: Run) -> Iterator[Inputs]:
        """The sources that hold a word that matters, then those that import one of the run that does."""
        found, rest = [], []
        folders = _last_parts(run.adapters)
        for target in targets:
            data = self.bytes(target.path)
            if data is None:
                self._tick(target.path)
            elif (
                matter(data, target.path)
                or _names(data, folders)
                or (target.path.endswith(".ipynb") and not _is_notebook(data))
            ):
                found.append((target, data))
            else:
                rest.append(target)
                self._tick(target.path)
        if not found:
            return
        from adapterlint.names.modules import Modules

        modules = Modules([target.path for target in targets], self.source)
        for target, data in found:
            if _names(data, folders):
                modules.follow(target.path)
        for target, data in found:
            self._tick(target.path)
            yield Inputs(target, run, data, modules)
        scripts = [target.path for target, _ in found if target.path.endswith(".py")]
        by_path = {target.path: target for target in rest}
        for path in modules.importers(scripts, by_path, self.bytes):
            yield Inputs(by_path[path], run, self.bytes(path), modules)

    def bytes(self, path: str) -> bytes | None:
        """The bytes of a source, None where it cannot be read."""
        if path in self._overlay:
            return self._overlay[path]
        try:
            with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - a Path per file costs a tenth of the walk
                return file.read()
        except OSError as error:
            self._skipped.append(Skipped(path, "file", (error.strerror or "cannot be read").lower()))
            return None

    def source(self, path: str) -> Source | None:
        """A file of the run that another imports."""
        from adapterlint.artifacts import source
        from adapterlint.model import Broken

        data = self.bytes(path)
        read = source.read(path, data) if data is not None else None
        return None if isinstance(read, Broken) else read


def _is_notebook(data: bytes) -> bool:
    """Whether Jupyter could open it; a notebook it cannot open is read again with care, to say where it fails."""
    import json

    try:
        whole = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(whole, dict) and ("cells" in whole or "worksheets" in whole)


def _last_parts(adapters: Iterable[str]) -> frozenset[bytes]:
    """The names of the folders that the adapters of the run lie in."""
    folders = (os.path.dirname(it) if it.endswith((".json", ".safetensors", ".bin")) else it for it in adapters)  # noqa: PTH120
    return frozenset(it.rstrip("/").rpartition("/")[2].encode("utf-8", "surrogateescape") for it in folders)


def _names(data: bytes, folders: frozenset[bytes]) -> bool:
    """Whether the source may load one of the adapters as a model, for which it needs no word of PEFT's."""
    if not folders or b"AutoModel" not in data or b"from_pretrained" not in data:
        return False
    return any(it in folders for it in _ENDS.findall(data))
