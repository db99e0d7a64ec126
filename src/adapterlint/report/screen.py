"""A terminal: its width, its colours, its alphabet. What strangers wrote is made harmless here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36", "magenta": "35"}

# What to write on a terminal that cannot show the character; all else becomes a backslash escape.
PLAIN = {
    "│": "|", "·": "-", "…": "...", "—": "-", "–": "-", "→": "->", "←": "<-", "≥": ">=", "≤": "<=", "≠": "!=",
    "×": "x", "‖": "||", "‘": "'", "’": "'", "“": '"', "”": '"', "−": "-", "≈": "~", "±": "+-", "\xa0": " ",
}  # fmt: skip
TAB = 4


def neutral(text: str) -> str:
    """`text` on one line without a character that could steer a terminal, reverse the reading or break an encoder.

    Control and format characters, lone surrogates and line separators become escapes as Python writes them.
    """
    if text.isprintable():
        return text
    import unicodedata

    return "".join(c if c.isprintable() or unicodedata.category(c) == "Zs" else escape(c) for c in text)


def escape(char: str) -> str:
    """`\\n`, `\\x1b`, `\\u202e`: ASCII that names the character."""
    return ascii(char)[1:-1]


def columns(text: str) -> int:
    """How many terminal columns `text` takes: East Asian wide characters two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(char_columns(char) for char in text)


def char_columns(char: str) -> int:
    """Columns of one printable character."""
    import unicodedata

    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


@dataclass(frozen=True)
class Screen:
    """Where the text goes. `width` counts columns; `encoding` is what the stream can write."""

    width: int = 100
    color: bool = False
    encoding: str = "utf-8"

    def plain(self, text: str) -> str:
        """`text` as this screen can show it: neutral, one line, every character encodable."""
        return self.encodable(neutral(text))

    def encodable(self, text: str) -> str:
        """`text` with what the encoding lacks replaced by a plain equivalent or a backslash escape."""
        if self.fits(text):
            return text
        swapped = "".join(c if self.fits(c) else PLAIN.get(c, c) for c in text)
        return swapped.encode(self.codec, "backslashreplace").decode(self.codec)

    def fits(self, text: str) -> bool:
        """Whether the encoding has every character of `text`."""
        try:
            text.encode(self.codec)
        except UnicodeError:
            return False
        return True

    @cached_property
    def codec(self) -> str:
        """The encoding, or ASCII for one that Python does not know."""
        try:
            "".encode(self.encoding)
        except LookupError:
            return "ascii"
        return self.encoding

    @cached_property
    def bar(self) -> str:
        """The rule between line numbers and code."""
        return self.encodable("│")

    @cached_property
    def dot(self) -> str:
        """The sign between counts."""
        return self.encodable("·")

    @cached_property
    def ellipsis(self) -> str:
        """The sign for text left out."""
        return self.encodable("…")

    def paint(self, text: str, *styles: str) -> str:
        """`text` in the colours named, if there are any; it must be plain already."""
        if not (self.color and styles and text):
            return text
        return f"\x1b[{';'.join(CODES[style] for style in styles)}m{text}\x1b[0m"

    def wrap(self, text: str, room: int) -> list[str]:
        """`text`, made plain, in lines of at most `room` columns; a word that is longer stands alone, whole."""
        lines: list[str] = []
        line, used = "", 0
        for word in self.plain(text).split(" "):
            wide = columns(word)
            if line and used + 1 + wide > room:
                lines.append(line)
                line, used = word, wide
            else:
                line, used = (f"{line} {word}", used + 1 + wide) if line else (word, wide)
        return [*lines, line]


def pad(text: str, width: int) -> str:
    """`text` with spaces up to `width` columns."""
    return text + " " * (width - columns(text))
