"""Whether a text is Python: as this interpreter reads it, or as ast-grep does where that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapterlint.artifacts.source import Cell


def compiles(text: str) -> bool:
    """Whether this Python can read the text; `await` at the top is allowed, as in a notebook."""
    import ast
    import warnings

    flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(text, "<cell>", "exec", flags=flags, dont_inherit=True)
        except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
            return False
    return True


def errors(cell: Cell) -> int:
    """The syntax errors that ast-grep sees in the cell."""
    return len(cell.root().find_all({"rule": {"kind": "ERROR"}}))
