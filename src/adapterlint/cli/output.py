"""Where a report goes: a stream of any encoding, or a file that is written whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from adapterlint.cli.guard import printable
from adapterlint.errors import UsageError

if TYPE_CHECKING:
    from adapterlint.model import Inspection, Report


def report(
    report: Report,
    format: str,
    *,
    file: str | None,
    color: str,
    quiet: bool,
    statistics: bool,
    paths: Sequence[str],
    to_stderr: bool,
) -> None:
    """Render `report` and put it where it belongs. A file is always UTF-8, a stream what it says it is."""
    from adapterlint.report import render

    stream = sys.stderr if to_stderr else sys.stdout
    encoding = "utf-8" if file is not None else _encoding(stream)
    text = render(
        report,
        format,
        color=format == "text" and _colored(color, None if file is not None else stream),
        quiet=quiet,
        statistics=statistics,
        width=_width(stream, file),
        encoding=encoding,
        paths=paths,
    )
    if file is None:
        write(text, stream)
    else:
        write_file(file, text.encode("utf-8", "backslashreplace"))


def inspection(inspection: Inspection, format: str, *, file: str | None, color: str) -> None:
    """Render what is inside an adapter and put it where it belongs."""
    from adapterlint.report import inspection as renderer

    encoding = "utf-8" if file is not None else _encoding(sys.stdout)
    if format == "json":
        text = renderer.as_json(inspection)
    else:
        colored = _colored(color, None if file is not None else sys.stdout)
        text = renderer.as_text(inspection, color=colored, width=_width(sys.stdout, file), encoding=encoding)
    if file is None:
        write(text)
    else:
        write_file(file, text.encode("utf-8", "backslashreplace"))


def write(text: str, stream: TextIO | None = None) -> None:
    """Write `text`, with escapes for what the stream's encoding cannot say."""
    stream = sys.stdout if stream is None else stream
    stream.write(printable(text, _encoding(stream)))
    stream.flush()


def raw(data: bytes) -> None:
    """Write bytes to standard output as they are."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def write_file(path: str, data: bytes) -> None:
    """Write `path` whole or not at all. What is no regular file (/dev/stdout, a pipe) is written straight."""
    import stat
    import tempfile
    from pathlib import Path

    target = Path(os.path.realpath(path))
    try:
        if Path(path).exists() and not stat.S_ISREG(Path(path).stat().st_mode):  # by its own name: a pipe has no other
            Path(path).write_bytes(data)
            return
        handle, name = tempfile.mkstemp(prefix=".adapterlint-", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            _keep_mode(target, name)
            os.replace(name, target)  # noqa: PTH105
        except BaseException:
            os.unlink(name)  # noqa: PTH108
            raise
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {(error.strerror or str(error)).lower()}") from None


def _keep_mode(target: os.PathLike[str], name: str) -> None:
    """Give the new file the permissions of the old one, or those that any new file gets here."""
    import stat

    try:
        mode = stat.S_IMODE(os.stat(target).st_mode)  # noqa: PTH116
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        mode = 0o666 & ~mask
    os.chmod(name, mode)  # noqa: PTH101


def _encoding(stream: TextIO) -> str:
    return getattr(stream, "encoding", None) or "utf-8"


def _colored(color: str, stream: TextIO | None) -> bool:
    """Whether to colour: as told, else as https://no-color.org and the terminal say."""
    if color != "auto":
        return color == "always"
    if stream is None or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or stream.isatty()


def _width(stream: TextIO, file: str | None) -> int:
    """The columns of the terminal; 100 where there is none, so that a saved report is the same everywhere."""
    if file is None and stream.isatty():
        import shutil

        return shutil.get_terminal_size((100, 24)).columns
    return 100
