"""From a path in code to a folder on disk, as a run of that code would find it."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from adapterlint.names.texts import HERE


def on_disk(text: str, source: str) -> str | None:
    """The folder `text` names, seen from the folder of the source, else from the current one; None if there is none.

    Jupyter runs a notebook in its own folder, a script runs where it was started, most often the current folder.
    """
    if "\0" in text.removeprefix(HERE) or len(text) > 4096:
        return None
    spelled = text.replace("\\", "/")
    home = Path(source).parent
    if spelled.startswith(HERE):
        places = [home / spelled.removeprefix(HERE).lstrip("/")]
    elif PurePosixPath(spelled).is_absolute():
        places = [Path(spelled)]
    else:
        places = [home / spelled, Path(spelled)]
    for place in places:
        try:
            if place.is_dir():
                return Path(os.path.normpath(place)).as_posix()
        except (OSError, ValueError):
            continue
    return None
