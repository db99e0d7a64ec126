"""IPython lines in a cell, masked by Python of the same length so that every character keeps its place.

Only what IPython itself would take as a command is masked: a `%` or `!` inside a string, a bracket or a continued
line is Python (IPython `core/inputtransformer2.py`).
"""

from __future__ import annotations

import re
from typing import NamedTuple

PYTHON_CELLS = frozenset(
    {"capture", "debug", "heat", "ipytest", "local", "lprun", "memit", "memray_flamegraph", "mprun"}
    | {"prun", "px", "pyinstrument", "scalene", "snakeviz", "time", "timeit", "wandb"}
)
"""Cell magics whose body is Python run in the notebook's own process."""

_TIMED = re.compile(r"%(?:time|timeit|prun|memit|lprun)[ \t]+((?:-\S+[ \t]+(?:\d+[ \t]+)?)*)(?=[\w(\[{'\"*])")
_COMPOUND = re.compile(r"(?:async|class|def|for|if|match|try|while|with)\b")
_CELL_MAGIC = re.compile(r"(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n?|\n))*[ \t]*(%%([A-Za-z_]\w*)[^\r\n]*)")
_WORTH_A_LOOK = re.compile(r"(?m)^[ \t]*[%!?,;/]|\?|=[ \t]*[!%]|\r[ \t]*[%!?,;/]")
_ESCAPED = re.compile(r"[ \t]*([%!?,;/])")
_LINE_REST = re.compile(r"(?:[^\r\n\\]|\\(?:\r\n|.)?)*", re.DOTALL)
_TOKEN = re.compile(
    r"""
      (?P<skip> \#[^\r\n]*
      | \"{3}[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*(?:\"{3}|\Z)
      | '{3}[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*(?:'{3}|\Z)
      | "(?:[^"\\\r\n]|\\(?:\r\n|.))*"?
      | '(?:[^'\\\r\n]|\\(?:\r\n|.))*'?
      | \\(?:\r\n|.)? )
    | (?P<open> [(\[{] ) | (?P<close> [)\]}] )
    | (?P<newline> \r\n?|\n )
    | (?P<assigned> =[ \t]*(?=[!%]) )
    | (?P<help> \? )
    """,
    re.DOTALL | re.VERBOSE,
)
_VISIBLE = re.compile(r"[^\r\n]")


class Masked(NamedTuple):
    """`text` has the length and the line ends of the cell. `skipped` names the cell magic that hides the whole body.

    `commands` are the (offset, text) of masked commands, for pip lines; in a shell cell every line is one.
    """

    text: str
    skipped: str = ""
    commands: tuple[tuple[int, str], ...] = ()


def mask(text: str) -> Masked:
    """The Python of a notebook cell; `text` itself where no line is IPython's own."""
    if not _WORTH_A_LOOK.search(text):
        return Masked(text)
    masker = _Masker(text)
    start = 0
    while magic := _CELL_MAGIC.match(text, start):
        if magic[2] not in PYTHON_CELLS:
            return Masked(_blank(text), f"%%{magic[2]}", _shell_lines(text, magic.end(), magic[2]))
        masker.fill(magic.start(1), magic.end(1), "")
        start = magic.end(1)
    masker.run(start)
    return Masked("".join(masker.out), "", tuple(masker.commands))


class _Masker:
    """Walks logical lines; `out` holds the masked characters."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.out = list(text)
        self.commands: list[tuple[int, str]] = []

    def run(self, here: int) -> None:
        """Mask every command from `here`, the start of a logical line or the end of a cell magic's line."""
        while here < len(self.text):
            escaped = _ESCAPED.match(self.text, here)
            here = self._command(escaped.start(1)) if escaped else self._python(here)
            here += 2 if self.text.startswith("\r\n", here) else 1

    def fill(self, start: int, end: int, filler: str) -> None:
        """Replace characters by `filler` and spaces, line ends kept."""
        blank = _blank(self.text[start:end])
        first = re.match(r" *", blank)
        room = first.end() if first else 0
        filler = filler if len(filler) <= room else "0" if filler else ""
        self.out[start:end] = filler + blank[len(filler) :]

    def _command(self, start: int) -> int:
        """Mask the command that starts at `start`; returns its end."""
        end = _rest(self.text, start)
        self.commands.append((start, self.text[start:end]))
        timed = _TIMED.match(self.text, start)
        if timed and not _COMPOUND.match(self.text, timed.end()):
            self.fill(start, timed.end(), "0;")
            return self._python(timed.end())
        # An indented command may be the only statement of its block.
        indented = start > 0 and self.text[start - 1] not in "\r\n"
        self.fill(start, end, "pass" if indented else "")
        return end

    def _python(self, start: int) -> int:
        """Pass over one logical line of Python, masking `x = !cmd` and `x?`; returns its end."""
        depth = 0
        for token in _TOKEN.finditer(self.text, start):
            kind = token.lastgroup
            if kind == "open":
                depth += 1
            elif kind == "close":
                depth = max(0, depth - 1)
            elif kind == "newline" and depth == 0:
                return token.start()
            elif kind == "assigned" and depth == 0:
                end = _rest(self.text, token.end())
                self.commands.append((token.end(), self.text[token.end() : end]))
                self.fill(token.end(), end, "...")
                return end
            elif kind == "help" and depth == 0:
                return self._help(start, token.end())
        return len(self.text)

    def _help(self, start: int, end: int) -> int:
        """`x?` asks for help; a question mark is Python nowhere else."""
        end = _rest(self.text, end)
        first = start + len(self.text[start:end]) - len(self.text[start:end].lstrip())
        self.fill(first, end, "pass")
        return end


def _rest(text: str, start: int) -> int:
    """The end of the line at `start`, continued over a trailing backslash as IPython does."""
    match = _LINE_REST.match(text, start)
    return match.end() if match else start


def _blank(text: str) -> str:
    return _VISIBLE.sub(" ", text)


def _shell_lines(text: str, start: int, magic: str) -> tuple[tuple[int, str], ...]:
    """Each line of a shell cell as the `!` command it amounts to."""
    if magic not in ("bash", "sh", "script", "cmd", "powershell", "pwsh", "system", "sx", "shell"):
        return ()
    lines = []
    while start < len(text):
        end = _rest(text, start)
        if text[start:end].strip():
            lines.append((start, "!" + text[start:end].strip()))
        start = end + 1
    return tuple(lines)
