"""Paths -> targets: adapter folders at any depth, lone adapter files, full models, notebooks and scripts."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from adapterlint import folders
from adapterlint.folders import SOURCES, is_weights
from adapterlint.gitignore import GitIgnore
from adapterlint.globs import Globs
from adapterlint.model import Skipped, Target, TargetKind

if TYPE_CHECKING:
    from adapterlint.settings import Settings

ALWAYS_SKIPPED = frozenset(
    {
        ".git",
        ".venv",
        "venv",
        "site-packages",
        "node_modules",
        "build",
        "dist",
        ".ipynb_checkpoints",
        "__pycache__",
    }
)

_ODD = "not a regular file, or a link to nothing"


class Discovery(NamedTuple):
    """Targets sorted by path; what was passed over and why; named paths that do not exist; all that were named."""

    targets: tuple[Target, ...]
    skipped: tuple[Skipped, ...] = ()
    missing: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


def discover(paths: Sequence[str], settings: Settings) -> Discovery:
    """What `paths` (files and folders, as the user spells them) hold. Never raises for what it finds on disk.

    A path to one of the files of an adapter stands for its folder, once; every other file for itself, ignored by git
    or not. .gitignore governs notebooks and scripts only, `settings.exclude` everything that was not named.
    """
    walk = _Walk(Globs(settings.exclude, settings.base))
    named = tuple(dict.fromkeys(map(spelled, paths)))
    for path in named:
        if os.path.isdir(path):  # noqa: PTH112
            walk.root(path)
        elif os.path.lexists(path):
            walk.file(path)
        else:
            walk.missing.append(path)
    return walk.found()._replace(named=named)


def spelled(path: str) -> str:
    """`path` without `./`, doubled or closing separators, and with `/` between parts."""
    normal = os.path.normpath(path or ".")
    return normal.replace(os.sep, "/")


class _Walk:
    """The walk over all named paths. Plain strings and directory entries only: a tree may hold 100,000 files."""

    def __init__(self, exclude: Globs) -> None:
        self.exclude = exclude
        self.targets: dict[tuple[str, ...], Target] = {}
        self.skipped: list[Skipped] = []
        self.missing: list[str] = []
        self._walked: set[str] = set()
        self._transformers: set[str] = set()  # folders of a SentenceTransformer
        self._links: list[tuple[str, GitIgnore, bool]] = []
        self._git_ignored = 0

    def found(self) -> Discovery:
        """All targets of the walk, the folder with the shortest path for an adapter that is reached by several."""
        targets = sorted(self._joined(), key=lambda target: (target.path, target.kind.value))
        return Discovery(tuple(targets), tuple(self.skipped), tuple(self.missing))

    def _joined(self) -> Iterator[Target]:
        """All targets, the full models in the module folders of one SentenceTransformer (2_Dense, …) made one."""
        adapters = {target.path for target in self.targets.values() if target.kind is TargetKind.adapter}
        models: dict[str, Target] = {}
        for target in self.targets.values():
            folder = os.path.dirname(target.path) or "."  # noqa: PTH120
            whole = target.path if target.path in self._transformers else folder
            if target.kind is not TargetKind.model or whole not in self._transformers:
                yield target
            elif whole not in adapters:
                one = models.get(whole, Target(whole, TargetKind.model))
                weights = tuple(sorted({*one.weights, *target.weights}))
                pickled = tuple(sorted({*one.pickled, *target.pickled}))
                models[whole] = Target(whole, TargetKind.model, weights=weights, pickled=pickled)
        yield from models.values()

    def root(self, path: str) -> None:
        """Walk a named folder, and then the links to folders in it that lead to something not yet seen."""
        ignore = GitIgnore.above(path)
        self._git_ignored = 0
        self._tree(path, os.path.realpath(path), ignore, False)
        while self._links:
            links, self._links = sorted(self._links, key=lambda link: link[0]), []
            for link, ignore, ignored in links:
                real = os.path.realpath(link)
                if real not in self._walked and not self._holds_walked(real):
                    self._tree(link, real, ignore, ignored)
        if self._git_ignored:
            what = "1 script or notebook" if self._git_ignored == 1 else f"{self._git_ignored} scripts and notebooks"
            self.skipped.append(Skipped(path, what, "ignored by .gitignore"))

    def _holds_walked(self, real: str) -> bool:
        """Whether the folder holds one that was walked: a link upwards would lead out of what was named."""
        above = real.rstrip(os.sep) + os.sep
        return any(folder.startswith(above) for folder in self._walked)

    def _tree(self, path: str, real: str, ignore: GitIgnore, ignored: bool) -> None:
        stack = [("" if path == "." else path.rstrip("/") + "/", real.rstrip(os.sep), ignore, ignored)]
        while stack:
            prefix, real, ignore, ignored = stack.pop()
            if real in self._walked:
                continue
            self._walked.add(real)
            try:
                with os.scandir(prefix or ".") as entries:
                    listed = list(entries)
            except OSError as error:
                self.skipped.append(Skipped(prefix[:-1] or ".", "folder", _why(error)))
                continue
            stack.extend(self._folder(prefix, real, listed, ignore, ignored))

    def _folder(
        self, prefix: str, real: str, entries: list[os.DirEntry[str]], ignore: GitIgnore, ignored: bool
    ) -> Iterator[tuple[str, str, GitIgnore, bool]]:
        """Note what one folder holds; the folders below are returned, links to folders kept for later."""
        names = {entry.name for entry in entries}
        if ".gitignore" in names:
            ignore = ignore.below(prefix)
        passed = ALWAYS_SKIPPED | {"blobs"} if "snapshots" in names else ALWAYS_SKIPPED
        artifacts: list[str] = []
        linked = False
        for entry in entries:
            name = entry.name
            if name.endswith(SOURCES):
                if self._source(entry, prefix, real, ignore, ignored):
                    continue
            elif is_weights(name):
                if _is_file(entry) and prefix + name not in self.exclude:
                    artifacts.append(name)
                    linked = linked or entry.is_symlink()
                continue
            if name in passed or not _is_folder(entry):
                continue
            below = prefix + name
            if below in self.exclude:
                continue
            hidden = ignored or below + "/" in ignore
            if entry.is_symlink():
                self._links.append((below, ignore, hidden))
            else:
                yield below + "/", real + os.sep + name, ignore, hidden
        if folders.MODULES in names:
            self._transformers.add(prefix[:-1] or ".")
        if artifacts:
            self._artifacts(prefix, sorted(artifacts), real=None if linked else real + os.sep)

    def _source(self, entry: os.DirEntry[str], prefix: str, real: str, ignore: GitIgnore, ignored: bool) -> bool:
        """Take a notebook or script; False if the name is a folder's."""
        path = prefix + entry.name
        try:
            if not entry.is_file():
                if entry.is_dir():
                    return False
                self.skipped.append(Skipped(path, "file", _ODD))
            elif ignored or path in ignore:
                self._git_ignored += 1
            elif path not in self.exclude:
                key = os.path.realpath(path) if entry.is_symlink() else real + os.sep + entry.name
                self._take((key,), Target(path, TargetKind.source))
        except OSError as error:
            self.skipped.append(Skipped(path, "file", _why(error)))
        return True

    def _artifacts(self, prefix: str, names: Sequence[str], named: str | None = None, real: str | None = None) -> None:
        """Take what the files make up. `real` is the folder's own path, given where no file in it is a link."""
        for target in folders.targets(prefix, names, self.skipped, named):
            files = [*((target.config,) if target.config else ()), *target.weights, *target.pickled]
            paths = map(os.path.realpath, files) if real is None else (real + file[len(prefix) :] for file in files)
            self._take((target.kind.value, *paths), target)

    def _take(self, key: tuple[str, ...], target: Target) -> None:
        kept = self.targets.get(key)
        if kept is None or (len(target.path), target.path) < (len(kept.path), kept.path):
            self.targets[key] = target

    def file(self, path: str) -> None:
        """Take a file that was named: for its folder if it is one of an adapter's, else for itself."""
        folder, _, name = path.rpartition("/")
        prefix = folder + "/" if folder or path.startswith("/") else ""
        regular = os.path.isfile(path)  # noqa: PTH113
        if not regular and (name.endswith(SOURCES) or os.path.exists(path)):  # noqa: PTH110
            self.skipped.append(Skipped(path, "file", _ODD))
        elif name.endswith(SOURCES):
            self._take((os.path.realpath(path),), Target(path, TargetKind.source))
        elif folders.stands_for_folder(name):
            try:
                listed = os.listdir(prefix or ".")  # noqa: PTH208
            except OSError:
                listed = [name]
            own = {name, *filter(folders.stands_for_folder, listed)}
            self._artifacts(prefix, sorted(own))
        else:
            self._artifacts(prefix, [name], named=name)


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Whether this is a regular file, or a link to nothing: of an adapter, that is to be reported."""
    try:
        return entry.is_file() or (entry.is_symlink() and not os.path.exists(entry.path))  # noqa: PTH110
    except OSError:
        return False


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _why(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
