"""The other files of a run, as modules that a source may import. A file that is not of the run is never read."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cached_property
from pathlib import PurePath
from typing import TYPE_CHECKING

from adapterlint.knowledge.calls import LIBRARIES
from adapterlint.knowledge.words import INSTALLED, matter

if TYPE_CHECKING:
    from adapterlint.artifacts.source import Source

# A statement begins a line, also inside the quotes of a notebook's strings, or follows a semicolon.
_IMPORT = re.compile(
    r"(?:^|[\n;\"'])[ \t]*(?:from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n;\"'\\]*)|import[ \t]+([\w., \t]+))"
)
_WORD = re.compile(rb"\w+")
_NAME = re.compile(r"([\w*]+)(?:[ \t]+as[ \t]+\w+)?")
_KNOWN = LIBRARIES | {"trl", "unsloth", "accelerate", "diffusers", "adapters", "datasets", "numpy", "pandas"}


class Modules:
    """Modules by path: what `import` finds from a file, and the file read once for all that import it."""

    def __init__(self, paths: Iterable[str], read: Callable[[str], Source | None]) -> None:
        self._spelled = {_key(path): path for path in paths if path.endswith(".py")}
        self._read = read
        self._sources: dict[str, Source | None] = {}
        self._matter: dict[str, bool] = {}
        self._own: dict[str, bool] = {}
        self._libraries: dict[str, bool] = {}

    @cached_property
    def _root(self) -> str:
        folders = [posixpath.dirname(key) for key in self._spelled]
        try:
            return posixpath.commonpath(folders)
        except ValueError:  # none, or some from the root and some not
            return ""

    @cached_property
    def _stems(self) -> frozenset[str]:
        """What the last part of a name must be to be that of a module of the run."""
        paths = [PurePath(key) for key in self._spelled]
        return frozenset(it.parent.name if it.stem == "__init__" else it.stem for it in paths)

    def find(self, home: str, name: str) -> str | None:
        """The path of the module that `name` (".loading", "package.loading") means in the file `home`."""
        if self._of_library(home):
            return None
        plain = name.lstrip(".")
        level = len(name) - len(plain)
        parts = plain.split(".") if plain else []
        if (parts and parts[-1] not in self._stems) or not (parts or level):
            return None
        folder = posixpath.dirname(_key(home))
        if level:
            for _ in range(level - 1):
                folder = posixpath.dirname(folder)
            return self._at(folder, parts)
        if parts[0] in _KNOWN:
            return None
        while True:
            found = self._at(folder, parts)
            if found is not None and found != home:
                return found
            outer = posixpath.dirname(folder)
            if folder == self._root or outer == folder:
                return None
            folder = outer

    def _of_library(self, path: str) -> bool:
        """Whether the file is one of a library of which knowledge says what there is to know."""
        folder = posixpath.dirname(_key(path))
        if folder not in self._libraries:
            parts = folder.split("/")
            packages = (number for number, it in enumerate(parts, 1) if it in _KNOWN)
            self._libraries[folder] = not INSTALLED.isdisjoint(parts) or any(
                "/".join((*parts[:number], "__init__.py")) in self._spelled for number in packages
            )
        return self._libraries[folder]

    def _at(self, folder: str, parts: list[str]) -> str | None:
        stem = posixpath.join(folder, *parts)
        return self._spelled.get(f"{stem}.py") or self._spelled.get(posixpath.join(stem, "__init__.py"))

    def imported(self, home: str, text: str) -> dict[str, str]:
        """The modules of the run that the text imports, by the word that names each: name -> path."""
        found: dict[str, str] = {}
        if len(self._spelled) < 2 or self._of_library(home):
            return found
        for module, names, listed in _IMPORT.findall(text):
            for name in _named(module, names, listed):
                path = self.find(home, name)
                if path is not None and path != home:
                    found[name.rpartition(".")[2]] = path
        return found

    def importers(
        self, modules: Collection[str], paths: Iterable[str], data: Callable[[str], bytes | None]
    ) -> Iterator[str]:
        """Those of `paths` that import one of `modules`, which matter. `data` gives the bytes of a file."""
        wanted = {path for path in modules if not self._of_library(path)}
        stems = {stem.encode() for stem in Modules(wanted, self._read)._stems}
        for path in paths if wanted else ():
            if self._of_library(path):
                continue
            found = data(path)
            if found is None or not _names_any(found, stems):
                continue
            text = found.decode("utf-8", "replace")
            if path.endswith(".ipynb"):
                text = text.replace("\\n", "\n")
            if not wanted.isdisjoint(self.imported(path, text).values()):
                yield path

    def matter(self, path: str) -> bool:
        """Whether the file holds a word that matters, or imports one of the run that does."""
        if path not in self._matter:
            source = None if self._holds(path) else self.source(path)
            found = self.imported(path, source.text).values() if source is not None else ()
            self._matter[path] = self._holds(path) or any(self._holds(it) for it in found)
        return self._matter[path]

    def _holds(self, path: str) -> bool:
        """Whether the file itself holds a word that matters."""
        if path not in self._own:
            source = self.source(path)
            self._own[path] = source is not None and matter(source.text.encode("utf-8", "replace"))
        return self._own[path]

    def follow(self, path: str) -> None:
        """Count the file among those that matter, whatever words it holds."""
        self._matter[path] = True

    def source(self, path: str) -> Source | None:
        """The file read; None where it cannot be."""
        if path not in self._sources:
            self._sources[path] = self._read(path)
        return self._sources[path]


def _named(module: str, names: str, listed: str) -> Iterator[str]:
    """Each dotted name that an import statement may take for a module."""
    if listed:
        yield from (it.split()[0] for it in listed.split(",") if it.split())
        return
    yield module
    for name in _NAME.findall(names):
        yield f"{module}{name}" if module.endswith(".") or not module else f"{module}.{name}"


def _names_any(data: bytes, stems: set[bytes]) -> bool:
    """Whether a line that imports something holds one of the words."""
    at = data.find(b"import")
    while at >= 0:
        end = data.find(b"\n", at)
        end = len(data) if end < 0 else end
        line = data[data.rfind(b"\n", 0, at) + 1 : data.find(b")", at) if b"(" in data[at:end] else end]
        if not stems.isdisjoint(_WORD.findall(line)):
            return True
        at = data.find(b"import", end)
    return False


def _key(path: str) -> str:
    return posixpath.normpath(path.replace("\\", "/"))
