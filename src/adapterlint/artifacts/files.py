"""Bytes of a file, or why there are none: what a fetched file often is instead of what its name says.

Every reason is a predicate, so that a report can write "adapter_config.json is <reason>".
"""

from __future__ import annotations

import re
import stat
from pathlib import Path

from adapterlint.model import Broken, Fault

# Git LFS's own specification (docs/spec.md): `version` comes first, then keys in order; hawser is its old name.
_POINTER = re.compile(rb"version https://(?:git-lfs|hawser)\.github\.com/spec/v\d")
_POINTER_SIZE = re.compile(rb"^size (\d{1,18})\s*$", re.MULTILINE)
_HTML = re.compile(rb"\s*(?:<!--.{0,200}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_UNITS = ("kB", "MB", "GB", "TB")


def human_size(size: int) -> str:
    """`size` bytes in decimal units as a person reads them: "133 bytes", "1.4 kB", "86 MB"."""
    if size < 1000:
        return "1 byte" if size == 1 else f"{size} bytes"
    value, unit = size / 1000, 0
    while value >= 999.5 and unit + 1 < len(_UNITS):
        value, unit = value / 1000, unit + 1
    return f"{value:.1f} {_UNITS[unit]}".replace(".0 ", " ") if value < 9.95 else f"{value:.0f} {_UNITS[unit]}"


def sniff(head: bytes) -> tuple[Fault, str, str] | None:
    """(fault, reason, hint) if a file that begins with `head` (512 bytes will do) is a stand-in for the real one."""
    if not head:
        return Fault.empty, "empty (0 bytes)", "fetch or save it again"
    if _POINTER.match(head):
        size = _POINTER_SIZE.search(head)
        reason = f"a Git LFS pointer ({human_size(int(size[1]))})" if size else "a Git LFS pointer"
        return Fault.lfs_pointer, reason, "run `git lfs pull` to fetch the file itself"
    if _HTML.match(head):
        return Fault.html, "an HTML page", "the download answered with a web page; fetch the file itself"
    return None


def read_bytes(path: str, reads: str, limit: int | None = None) -> bytes | Broken:
    """The bytes of the file at `path`, at most `limit` of them; a Broken naming `reads` if they cannot be had.

    Only regular files are opened: a pipe or device in their place would block.
    """
    file = Path(path)
    try:
        status = file.stat()
        if stat.S_ISDIR(status.st_mode):
            return Broken(path, reads, Fault.shape, "a folder, not a file")
        if not stat.S_ISREG(status.st_mode):
            return Broken(path, reads, Fault.unsupported, "not a regular file")
        if limit is not None and status.st_size > limit:
            reason = f"{human_size(status.st_size)} long, over the limit of {human_size(limit)}"
            return Broken(path, reads, Fault.unsupported, reason)
        return file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return Broken(path, reads, Fault.missing, "missing")
    except OSError as error:
        words = (error.strerror or type(error).__name__).lower()
        return Broken(path, reads, Fault.denied, f"not readable ({words})", "check the permissions of the file")
