"""Python source, .py and .ipynb alike, as cells of text whose characters keep their places in the file."""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from adapterlint.artifacts.files import read_bytes, sniff
from adapterlint.artifacts.magics import Masked, mask
from adapterlint.model import Broken, Fault, Place, Skipped

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.artifacts.jsontext import Node
    from adapterlint.model import Span

# PEP 263; a declaration counts on the second line only below a blank or comment line.
_DECLARED = re.compile(rb"(?:[ \t\f]*(?:#[^\r\n]*)?(?:\r\n?|\n))?[ \t\f]*#[^\r\n]*?coding[:=][ \t]*([-\w.]+)")
_LINE_END = re.compile(r"\r\n?|\n")
# Characters the parser would take otherwise than Python does, each replaced by one of the same length.
_ODD = re.compile("\r(?!\n)|[\ud800-\udfff]")
_UTF8 = re.compile(r"(?i)utf[-_]?8(?:[-_]sig)?$|u8$")


class PipLine(NamedTuple):
    """A requirement that the notebook installs itself: "sentence-transformers==5.1" at a line (from 1) of a cell."""

    requirement: str
    cell: int
    line: int


class Cell:
    """One text that is parsed alone: a code cell, or a whole .py file (`index` None).

    `masked` is `text` with IPython's own lines replaced by Python of the same length; line ends stay where they are.
    `skipped` says why nothing of the cell is Python ("%%bash"), "" as a rule. `node` is its source in the notebook.
    """

    __slots__ = ("_root", "_starts", "commands", "execution_count", "index", "masked", "node", "skipped", "text")

    def __init__(
        self,
        text: str,
        index: int | None = None,
        execution_count: int | None = None,
        node: Node | None = None,
    ) -> None:
        ipython = Masked(text) if node is None else mask(text)
        self.index = index
        self.execution_count = execution_count
        self.text = text
        self.node = node
        # Only JSON's escapes can spell a lone surrogate; looking for one costs more than reading the file.
        odd = "\r" in text or (node is not None and not text.isascii())
        self.masked = _ODD.sub(lambda it: "\n" if it[0] == "\r" else "\ufffd", ipython.text) if odd else ipython.text
        self.skipped = ipython.skipped
        self.commands = ipython.commands
        self._root: SgNode | None = None
        self._starts: list[int] | None = None

    def root(self) -> SgNode:
        """The syntax tree of `masked`, parsed on first use; positions in it are characters of `text`."""
        if self._root is None:
            from ast_grep_py import SgRoot

            self._root = SgRoot(self.masked, "python").root()
        return self._root

    @property
    def line_starts(self) -> list[int]:
        """The offset of the first character of each line."""
        if self._starts is None:
            self._starts = starts_of_lines(self.text)
        return self._starts

    def line_column(self, offset: int) -> tuple[int, int]:
        """Line and column of a character, both from 1."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of line `number` (from 1) without its line end."""
        end = self.line_starts[number] if number < len(self.line_starts) else len(self.text)
        return self.text[self.line_starts[number - 1] : end].rstrip("\r\n")


class Source:
    """A .py (`kind` "py", one cell) or .ipynb ("ipynb", its Python code cells).

    `text` is the whole file, line ends as they are, without the byte order mark that `bom` keeps: `encode(text)`
    gives back the bytes. `skipped` names the cells, or all of them, that were not read.
    """

    def __init__(self, path: str, text: str, *, encoding: str = "utf-8", bom: bytes = b"") -> None:
        self.path = path
        self.text = text
        self.encoding = encoding
        self.bom = bom
        self.kind = "py"
        self.cells: tuple[Cell, ...] = ()
        self.skipped: tuple[Skipped, ...] = ()

    def __repr__(self) -> str:
        return f"Source({self.path!r}, {len(self.cells)} cells)"

    def encode(self, text: str) -> bytes:
        """The bytes of the file if its text were `text`; UnicodeEncodeError where its encoding cannot say it."""
        return self.bom + text.encode(self.encoding)

    def cell(self, index: int | None) -> Cell | None:
        """The cell with this index over all cells of the notebook (None: the .py file)."""
        return self._cell_of.get(index)

    @cached_property
    def _cell_of(self) -> dict[int | None, Cell]:
        return {cell.index: cell for cell in self.cells}

    def place(self, cell: Cell, span: Span, note: str = "") -> Place:
        """Where `span` of the cell starts, with its line and the one above as excerpt."""
        line, column = cell.line_column(span.start)
        excerpt = "\n".join(cell.line(number) for number in range(max(1, line - 1), line + 1))
        return Place(
            self.path,
            cell.index,
            cell.execution_count,
            span=span,
            line=line,
            column=column,
            file_line=self.file_line(cell, span.start),
            excerpt=excerpt,
            note=note,
        )

    def file_line(self, cell: Cell, offset: int) -> int:
        """The physical line (from 1) of the file that holds character `offset` of the cell."""
        if cell.node is None:
            return cell.line_column(offset)[0]
        from adapterlint.artifacts.notebook import string_at

        return bisect_right(self._line_starts, string_at(cell.node, offset).start)

    @cached_property
    def _line_starts(self) -> list[int]:
        return starts_of_lines(self.text)

    @cached_property
    def pip_lines(self) -> tuple[PipLine, ...]:
        """What the notebook installs by `%pip install`, `!pip install` and their like, in document order."""
        commands = [(cell, offset, text) for cell in self.cells for offset, text in cell.commands]
        if not commands:
            return ()
        from adapterlint.artifacts.installs import requirements

        return tuple(
            PipLine(requirement, cell.index or 0, cell.line_column(offset)[0])
            for cell, offset, text in commands
            for requirement in requirements(text)
        )


def starts_of_lines(text: str) -> list[int]:
    """The offset of the first character of each line. Lines end with LF, CR LF or CR."""
    return [0, *(end.end() for end in _LINE_END.finditer(text))]


def read(path: str, data: bytes | None = None) -> Source | Broken:
    """The source at `path`, or made of `data` in its stead; Broken where it cannot be read.

    A file that is not Python's syntax is read all the same; one whose bytes its text would not give back is not.
    """
    if data is None:
        found = read_bytes(path, "source")
        if isinstance(found, Broken):
            return found
        data = found
    notebook = path.lower().endswith(".ipynb")
    stand_in = sniff(data[:512]) if notebook or data.startswith(b"version https://") else None
    if stand_in is not None:
        return Broken(path, "source", *stand_in)
    return _notebook(path, data) if notebook else _script(path, data)


def _script(path: str, data: bytes) -> Source | Broken:
    bom = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    declared = _DECLARED.match(data, len(bom))
    name = declared[1].decode("ascii", "replace") if declared else "utf-8"
    try:
        encoding = "utf-8" if _UTF8.match(name) else codecs.lookup(name).name
        text = data[len(bom) :].decode(encoding)
        exact = encoding == "utf-8" or (not bom and text.encode(encoding) == data)
    except (LookupError, UnicodeError, ValueError) as error:
        return _undecodable(path, data, name, error)
    if not exact:
        reason = f"declared as {name}, but " + ("marked as UTF-8" if bom else "its bytes cannot be given back")
        return Broken(path, "source", Fault.encoding, reason, "save it as UTF-8")
    source = Source(path, text, encoding=encoding, bom=bom)
    source.cells = (Cell(text),)
    return source


def _notebook(path: str, data: bytes) -> Source | Broken:
    from adapterlint.artifacts.notebook import code_cells, is_python, kernel_language, read_notebook

    bom = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    try:
        text = data[len(bom) :].decode("utf-8")
    except UnicodeDecodeError as error:
        return _undecodable(path, data, "utf-8", error)
    root = read_notebook(path, text)
    if isinstance(root, Broken):
        return root
    source = Source(path, text, bom=bom)
    source.kind = "ipynb"
    language = kernel_language(root)
    if not is_python(language):
        source.skipped = (Skipped(path, "cells", f"the notebook's language is {language}"),)
        return source
    raw = list(code_cells(root))
    source.cells = tuple(
        Cell(cell.text, cell.index, cell.execution_count, cell.source) for cell in raw if is_python(cell.language)
    )
    reasons = {cell.index: f"its language is {cell.language}" for cell in raw if not is_python(cell.language)}
    reasons |= {cell.index or 0: f"a {cell.skipped} cell" for cell in source.cells if cell.skipped}
    source.skipped = tuple(Skipped(path, f"cell {index}", reasons[index]) for index in sorted(reasons))
    return source


def _undecodable(path: str, data: bytes, name: str, error: Exception) -> Broken:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        reason, hint = "encoded in UTF-16", "save it as UTF-8"
    elif isinstance(error, UnicodeDecodeError):
        reason = f"not valid {name.upper() if _UTF8.match(name) else name} (byte {error.start})"
        hint = "save it as UTF-8"
    else:
        reason, hint = f"declared in an unknown encoding ({name})", "save it as UTF-8"
    return Broken(path, "source", Fault.encoding, reason, hint)
