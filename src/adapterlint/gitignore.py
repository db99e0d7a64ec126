"""Which notebooks and scripts git ignores. The matcher is imported only where a .gitignore lies on the way."""

from __future__ import annotations

import os
from typing import Any, NamedTuple


class _File(NamedTuple):
    """One .gitignore: what it is asked about is `before` + the path as walked, less its first `skip` characters."""

    spec: Any  # pathspec.GitIgnoreSpec; naming the type would import it
    before: str
    skip: int


class GitIgnore:
    """The .gitignore files that govern one folder of a walk, the outermost first."""

    __slots__ = ("_files",)

    def __init__(self, files: tuple[_File, ...] = ()) -> None:
        self._files = files

    @classmethod
    def above(cls, root: str) -> GitIgnore:
        """The files above the named folder `root`, up to its git root; none if root is in no repository.

        A folder that they ignore was named on purpose: then none of them counts.
        """
        here = os.path.abspath(root)  # noqa: PTH100
        names = [here]
        while not os.path.lexists(os.path.join(names[-1], ".git")):  # noqa: PTH118
            parent = os.path.dirname(names[-1])  # noqa: PTH120
            if parent == names[-1]:
                return cls()
            names.append(parent)
        files = []
        skip = 0 if root == "." else len(root) + (not root.endswith("/"))
        for folder in names[:0:-1]:
            spec = _read(folder + "/.gitignore")
            if spec is not None:
                below = os.path.relpath(here, folder).replace(os.sep, "/")
                if _covers(spec, below):
                    return cls()
                files.append(_File(spec, below + "/", skip))
        return cls(tuple(files))

    def below(self, prefix: str) -> GitIgnore:
        """With the .gitignore of the walked folder whose paths begin with `prefix` ("" or "a/b/") added."""
        spec = _read(prefix + ".gitignore")
        return self if spec is None else GitIgnore((*self._files, _File(spec, "", len(prefix))))

    def __contains__(self, path: str) -> bool:
        """Whether git ignores `path`, as walked; a folder's path ends with a slash. The innermost file decides."""
        for file in reversed(self._files):
            include = file.spec.check_file(file.before + path[file.skip :]).include
            if include is not None:
                return bool(include)
        return False


def _covers(spec: Any, folder: str) -> bool:
    """Whether `folder` or one above it is ignored by `spec`."""
    parts = folder.split("/")
    return any(spec.check_file("/".join(parts[:end]) + "/").include for end in range(1, len(parts) + 1))


def _read(path: str) -> Any:
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            text = file.read(4_000_000).decode("utf-8", "replace")
    except OSError:
        return None
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if not lines:
        return None
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:  # git passes over a pattern it cannot read; so do we, one by one
        return GitIgnoreSpec.from_lines([line for line in lines if _readable(line)])


def _readable(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
