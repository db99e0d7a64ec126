"""What unpickling a file would import, found by reading opcodes; nothing is imported and nothing runs."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from adapterlint.artifacts.opcodes import globals_of
from adapterlint.artifacts.weights.header import open_regular
from adapterlint.model import Broken

MEMBER_LIMIT = 100_000_000  # bytes of one pickle
MEMBERS = 1_000
_HEADS = (b"\x80", b"c", b"(", b"}", b"]", b"i", b"l", b"d", b"G", b"I", b"J", b"K", b"M", b"N", b"S", b"V", b"X")

SAFE = re.compile(
    r"torch(?:\.\w+)*\._rebuild_\w+|torch\.(?:cuda\.|sparse\.)?\w+Storage|torch\.storage\.\w+Storage"
    r"|torch\.(?:Size|device|Tensor|dtype|float\w*|bfloat16|half|double|u?int\w*|short|long|bool|complex\w+|q\w+|per_\w+)"
    r"|torch\.nn\.parameter\.\w*Parameter|torch\.serialization\._get_layout|torch\.jit\._pickle\.\w+"
    r"|collections\.(?:OrderedDict|Counter|defaultdict|deque)|_codecs\.encode"
    r"|(?:builtins|__builtin__)\.(?:set|frozenset|list|dict|tuple|int|float|bool|complex|str|bytes|bytearray|slice|range|object)"
    r"|numpy\.(?:dtype|ndarray|bool_?|u?int\d*|float\d*|_?core\.multiarray\.(?:_reconstruct|scalar)|dtypes\.\w+)"
)
"""Names that tensors, arrays and plain containers are rebuilt from; they compute nothing but values."""

DANGEROUS = re.compile(
    r"(?:os|nt|posix|posixpath|subprocess|sys|shutil|socket|pty|runpy|importlib|pickle|_pickle|code|codeop|ctypes|signal"
    r"|webbrowser|platform|pip|pdb|bdb|timeit|cProfile|profile|trace|http|urllib|requests|ftplib|smtplib|ssl|asyncio"
    r"|multiprocessing|threading|_thread|concurrent|tempfile|pathlib|glob|venv|ensurepip|doctest|functools|operator"
    r"|types|inspect|imp|linecache|commands|popen2|torch\.hub|torch\.load|torch\.jit\._script|numpy\.testing)(?:\..*)?"
    r"|(?:builtins|__builtin__)\.(?:eval|exec|execfile|compile|open|input|getattr|setattr|delattr|__import__|apply|globals"
    r"|locals|vars|print|breakpoint|exit|quit|map|filter|memoryview|type)"
)
"""Names that can run a program, reach the disk or the network, or fetch another name that can."""


def imports(path: str) -> tuple[str, ...]:
    """The qualified names in order, each once; those that come before a pickle breaks off included."""
    opened = open_regular(path)
    if isinstance(opened, Broken):
        return ()
    names: dict[str, None] = {}
    with opened as raw, io.BufferedReader(raw) as file:
        try:
            for data in _pickles(file):
                names.update(dict.fromkeys(globals_of(data)))
        except (OSError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, ValueError):
            pass  # a damaged file: what was seen so far counts, and that it is damaged is another rule's to tell
    return tuple(names)


def suspicious(names: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Those that are dangerous, and those that are merely not on the list of what tensors need."""
    odd = [name for name in names if not SAFE.fullmatch(name)]
    dangerous = [name for name in odd if DANGEROUS.fullmatch(name)]
    return dangerous, [name for name in odd if name not in dangerous]


def _pickles(file: IO[bytes]) -> Iterator[bytes]:
    head = file.read(4)
    file.seek(0)
    if head != b"PK\x03\x04":
        if head[:1] in _HEADS:
            yield file.read(MEMBER_LIMIT)
        return
    with zipfile.ZipFile(file) as archive:
        members = [member for member in archive.infolist()[:MEMBERS] if member.filename.endswith((".pkl", ".pickle"))]
        for member in members:
            with archive.open(member) as inside:
                yield inside.read(MEMBER_LIMIT)
