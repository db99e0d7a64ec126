"""How far a long run is, for a person who watches."""

from __future__ import annotations

import sys
import time
from typing import TextIO

from adapterlint.cli.guard import printable

PATIENCE = 1.0  # seconds before the first word
PACE = 0.1  # seconds between two


class Progress:
    """One line on a terminal's stderr, rewritten in place. `watched` is false where nobody sees it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.watched = stream is not None and stream.isatty()
        self._next = time.monotonic() + PATIENCE
        self._width = 0

    def __call__(self, done: int, total: int, path: str) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + PACE
        text = f"{done} of {total}  {path}"[:79]
        self._write("\r" + text.ljust(self._width))
        self._width = len(text)

    def clear(self) -> None:
        """Take the line away, so that the report begins on a clean one."""
        if self._width:
            self._write("\r" + " " * self._width + "\r")
            self._width = 0

    def _write(self, text: str) -> None:
        self._stream.write(printable(text, getattr(self._stream, "encoding", None) or sys.getdefaultencoding()))
        self._stream.flush()
