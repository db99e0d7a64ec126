"""Files written whole or not at all, and what such a write would change."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from pathlib import Path

from adapterlint.errors import EditError

_CONTEXT = 3
_HUNK = re.compile(r"@@ -(\d+)(,\d+)? \+(\d+)(,\d+)? @@")


def write(path: str, data: bytes, expected: bytes | None = None) -> None:
    """Replace the content of the existing file at `path`, through links, keeping its permissions.

    Raises EditError, the file left as it was, if it is read-only, cannot be written, or no longer holds `expected`.
    """
    try:
        real = Path(path).resolve(strict=True)
        status = real.stat()
        if not status.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(real, os.W_OK):
            raise EditError(f"{path} is read-only, so it was left as it is", "make it writable and run again")
        if expected is not None and real.read_bytes() != expected:
            raise EditError(f"{path} changed while it was being checked, so it was left as it is", "run again")
        _replace(real, data, status)
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links, before Python 3.13
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise EditError(f"{path} could not be written ({reason}), so it was left as it is") from None


def _replace(real: Path, data: bytes, status: os.stat_result) -> None:
    import tempfile

    # In the same folder, because a rename is atomic only within one file system.
    handle, name = tempfile.mkstemp(prefix=".adapterlint-", suffix=".tmp", dir=real.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(OSError, AttributeError):
            os.chown(name, status.st_uid, status.st_gid)
        Path(name).chmod(stat.S_IMODE(status.st_mode))
        Path(name).replace(real)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def diff(path: str, before: bytes, after: bytes) -> str:
    """A unified diff that `patch -p0` takes, line ends kept; "" where nothing changes."""
    import difflib

    old, new = _lines(before), _lines(after)
    limit = min(len(old), len(new))
    same = next((number for number in range(limit) if old[number] != new[number]), limit)
    tail = next((number for number in range(limit - same) if old[-1 - number] != new[-1 - number]), limit - same)
    # Only what differs is compared: difflib is slow on a large notebook, whose lines repeat.
    skipped = max(0, same - _CONTEXT)
    rest = max(0, tail - _CONTEXT)
    lines = difflib.unified_diff(old[skipped : len(old) - rest], new[skipped : len(new) - rest], path, path, n=_CONTEXT)
    return "".join(_finished(_shifted(line, skipped)) for line in lines)


def _lines(data: bytes) -> list[str]:
    text = data.decode("utf-8", "surrogateescape") if _is_utf8(data) else data.decode("latin-1")
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _shifted(line: str, skipped: int) -> str:
    hunk = _HUNK.match(line)
    if hunk is None:
        return line
    old, new = int(hunk[1]) + skipped, int(hunk[3]) + skipped
    return f"@@ -{old}{hunk[2] or ''} +{new}{hunk[4] or ''} @@\n"


def _finished(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
