"""What lies in the folder of an adapter: names only, for rules about files that should not be there, or should."""

from __future__ import annotations

import os


def listing(folder: str) -> tuple[str, ...]:
    """The names in a folder, sorted, those of folders with a closing "/"; none if it cannot be listed."""
    try:
        with os.scandir(folder or ".") as entries:
            return tuple(sorted(entry.name + "/" if entry.is_dir() else entry.name for entry in entries))
    except OSError:
        return ()
