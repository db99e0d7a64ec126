"""What a person sees when a command cannot go on: one sentence on stderr and exit code 2, never a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from adapterlint.errors import AdapterlintError

FAILED = 2


@contextmanager
def guarded() -> Iterator[None]:
    """Turn what a command raises into a sentence and exit code 2."""
    try:
        yield
    except AdapterlintError as error:
        fail(error.message, error.hint)
    except KeyboardInterrupt:
        fail("interrupted before the end, so nothing is known to be clean")
    except BrokenPipeError:
        # the reader has gone; pointing stdout elsewhere keeps Python from complaining when it flushes at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        raise SystemExit(FAILED) from None
    except Exception as error:
        if os.environ.get("ADAPTERLINT_DEBUG"):
            raise
        what = " ".join(f"{type(error).__name__}: {error}".split())
        fail(f"adapterlint itself failed: {what}; please report", "ADAPTERLINT_DEBUG=1 shows where")


def fail(message: str, hint: str = "") -> None:
    """Say why on stderr, and exit with 2."""
    complain(message, hint)
    raise SystemExit(FAILED) from None


def complain(message: str, hint: str = "") -> None:
    """`error: message (hint)` on stderr, whatever its encoding."""
    say(f"error: {message} ({hint})" if hint else f"error: {message}")


def say(text: str) -> None:
    """One line on stderr."""
    if sys.stderr is not None:
        sys.stderr.write(printable(text, sys.stderr.encoding) + "\n")
        sys.stderr.flush()


def printable(text: str, encoding: str | None) -> str:
    """`text` with what `encoding` cannot say written as escapes."""
    encoding = encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
