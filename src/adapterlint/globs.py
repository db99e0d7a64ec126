"""Globs of the settings (`exclude`, `per-path-ignores`): small, and the same on every platform and Python."""

from __future__ import annotations

import re
from collections.abc import Iterable


def _segment(glob: str) -> str:
    """The regular expression of one part between slashes."""
    out, index = [], 0
    while index < len(glob):
        char = glob[index]
        closing = glob.find("]", index + 2) if char == "[" else -1
        if char == "*":
            out.append("[^/]*")
        elif char == "?":
            out.append("[^/]")
        elif closing > 0:
            inside = glob[index + 1 : closing].replace("\\", "\\\\")
            out.append(f"(?!/)[{'^' + inside[1:] if inside[0] in '!^' else inside}]")
            index = closing
        else:
            out.append(re.escape(char))
        index += 1
    return "".join(out)


def compile_glob(glob: str) -> re.Pattern[str]:
    """A pattern whose `match` says whether a `/`-path, relative to the settings file's folder, is meant by `glob`.

    As in .gitignore: a glob without a slash names a file or folder at any depth, one with a slash starts at the
    folder of the settings file; `**` spans folders; what names a folder covers everything below it. An absolute
    glob is matched against absolute paths. Raises ValueError for a glob that cannot be read.
    """
    glob = glob.replace("\\", "/").removeprefix("./")
    absolute = glob.startswith("/") or glob[1:3] == ":/"
    parts = [part for part in glob.split("/") if part]
    if not parts:
        raise ValueError("an empty glob matches nothing")
    anchored = len(parts) > 1 or glob.startswith("/")
    pattern = "/" if absolute and glob.startswith("/") else "" if anchored else "(?:.*/)?"
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if part == "**":
            pattern += ".*" if last else "(?:[^/]+/)*"
        else:
            pattern += _segment(part) + ("" if last else "/")
    try:
        return re.compile(pattern + r"(?:/.*)?\Z", re.DOTALL)
    except re.error as error:
        raise ValueError(f"{error}") from None


class Globs:
    """Several globs that start at one folder. `in` takes a path as spelled from the current directory."""

    def __init__(self, globs: Iterable[str], base: str) -> None:
        """`base` is an absolute folder; bad globs raise ValueError."""
        self._patterns = tuple(compile_glob(glob) for glob in globs)
        self._base = base.replace("\\", "/").rstrip("/") + "/"

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def __contains__(self, path: str) -> bool:
        if not self._patterns:
            return False
        import os

        absolute = os.path.abspath(path).replace(os.sep, "/")  # noqa: PTH100  a Path per file is too slow for a walk
        relative = absolute.removeprefix(self._base)
        return any(pattern.match(relative) or pattern.match(absolute) for pattern in self._patterns)
