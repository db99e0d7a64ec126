"""A notebook's cells and where their text stands in the file: nbformat 4, and 3 with its worksheets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapterlint.artifacts.jsontext import JsonTextError, line_column, parse
from adapterlint.model import Broken, Fault, Place

if TYPE_CHECKING:
    from adapterlint.artifacts.jsontext import Node

_LONGEST_EXCERPT = 200
_SAVE_AGAIN = "open it in Jupyter and save it again, or restore it from version control"


@dataclass(frozen=True, slots=True)
class RawCell:
    """A code cell: `index` from 0 over all cells, `source` the JSON array or string that holds `text`."""

    index: int
    execution_count: int | None
    text: str
    source: Node
    language: str


def read_notebook(path: str, text: str) -> Node | Broken:
    """The JSON of a notebook; Broken where Jupyter could not open it either."""
    try:
        root = parse(text)
    except JsonTextError as error:
        place = place_in_json(path, text, error.offset)
        where = f"line {place.line}, column {place.column}"
        return Broken(path, "source", Fault.syntax, f"not valid JSON: {error.message} ({where})", _SAVE_AGAIN, place)
    if root.kind != "object":
        return _misshapen(path, text, root, f"JSON, but not a notebook: it holds {_article(root.kind)}")
    holder = root.members.get("cells") or root.members.get("worksheets")
    if holder is None:
        return _misshapen(path, text, root, "JSON, but not a notebook: it has no list of cells")
    for node in (holder, *_cells(root)):
        wanted = "array" if node is holder else "object"
        if node.kind != wanted:
            what = "its list of cells" if node is holder else "a cell"
            return _misshapen(path, text, node, f"not a valid notebook: {what} is {_article(node.kind)}")
    return root


def code_cells(root: Node) -> Iterator[RawCell]:
    """The code cells of a notebook in document order; a cell without a usable source is left out."""
    for index, cell in enumerate(_cells(root)):
        members = cell.members
        if "cell_type" not in members or members["cell_type"].value != "code":
            continue
        source = members.get("source") or members.get("input")
        text = None if source is None else joined(source)
        if source is None or text is None:
            continue
        count = members.get("execution_count") or members.get("prompt_number")
        number = count.value if count is not None and type(count.value) is int else None
        language = _text(cell, "/language") or _text(cell, "/metadata/vscode/languageId")
        yield RawCell(index, number, text, source, language)


def joined(source: Node) -> str | None:
    """The text a cell's `source` stands for: a string, or a list of strings put together."""
    if source.kind == "string":
        return str(source.value)
    if source.kind == "array" and all(item.kind == "string" for item in source.items):
        return "".join(item.value for item in source.items)
    return None


def kernel_language(root: Node) -> str:
    """The language the notebook says it is in, "" where it does not say."""
    pointers = ("/metadata/language_info/name", "/metadata/kernelspec/language")
    return next(filter(None, (_text(root, pointer) for pointer in pointers)), "")


def is_python(language: str) -> bool:
    """Whether cells in `language` are Python; unsaid counts as Python, as in Jupyter itself."""
    return not language or language.lower().startswith(("python", "ipython"))


def string_at(source: Node, offset: int) -> Node:
    """The JSON string that holds character `offset` of the cell's text, the last one for its end."""
    node = source
    for item in source.items:
        node = item
        if offset < len(item.value):
            break
        offset -= len(item.value)
    return node


def place_in_json(path: str, text: str, offset: int) -> Place:
    """The place of a fault in the file's own text; an excerpt only of lines a person can read."""
    line, column = line_column(text, offset)
    start = offset - column + 1
    end = min((at for at in (text.find("\n", offset), text.find("\r", offset)) if at >= 0), default=len(text))
    excerpt = text[start:end] if end - start <= _LONGEST_EXCERPT else ""
    return Place(path, line=line, column=column, file_line=line, excerpt=excerpt)


def _cells(root: Node) -> list[Node]:
    cells = root.members.get("cells")
    if cells is not None:
        return cells.items
    sheets = root.members["worksheets"].items
    return [cell for sheet in sheets if "cells" in sheet.members for cell in sheet.members["cells"].items]


def _text(node: Node, pointer: str) -> str:
    found = node.at(pointer)
    return found.value if found is not None and isinstance(found.value, str) else ""


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "ao" else f"a {kind}"


def _misshapen(path: str, text: str, node: Node, reason: str) -> Broken:
    return Broken(path, "source", Fault.shape, reason, _SAVE_AGAIN, place_in_json(path, text, node.start))
