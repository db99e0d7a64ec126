"""Statements and cells as words: enough to tell whether they can do anything to a model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_WORD = re.compile(r"[^\W\d]\w*")
#: A name that no dot stands before.
NAME = re.compile(r"(?<![\w.])[^\W\d]\w*")
#: The name of a function or class, where one is written.
DEFINED = re.compile(r"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+([^\W\d]\w*)", re.MULTILINE)
DEFINES = frozenset({"function_definition", "class_definition", "decorated_definition"})
IMPORTS = frozenset({"import_statement", "import_from_statement", "future_import_statement"})
#: In a cell that matters always run: what defines names, and what may end the cell.
AT_ONCE = DEFINES | IMPORTS | {"raise_statement", "return_statement", "global_statement", "ERROR"}
#: Libraries of which any name may lead to a model.
LIBRARIES = frozenset({"peft", "trl", "unsloth", "transformers", "sentence_transformers", "adapters", "accelerate"})
#: What makes models by names that are bound right here, or reads names that are not written.
_SPEAKS = re.compile(
    rf"\b(?:from|import)\s+(?:{'|'.join(sorted(LIBRARIES))}|mteb|lm_eval)\b"
    r"|(?<![\w.])(?:globals|locals|eval|exec|vars)\s*\(|\btorch\.load\b|\bload_file\b|\b__dict__\b"
)
#: What speaks of adapters by names that are not bound otherwise.
ADAPTS = re.compile(r"[Pp]eft|load_adapter|add_adapter|adapter_model|\btorch\.load\b|\bload_file\b|load_state_dict")
_SPOKEN = LIBRARIES | {
    *("mteb", "lm_eval", "globals", "locals", "eval", "exec", "vars", "torch", "load_file", "__dict__"),
}
MARK = ""  # the word that every text which speaks so has


def words_of(text: str) -> frozenset[str]:
    """The words of a text, with MARK among them if it speaks of models or reads names that are not written."""
    found = frozenset(_WORD.findall(text))
    return found | {MARK} if not found.isdisjoint(_SPOKEN) and _SPEAKS.search(text) else found


class Chunk:
    """A statement at the top of a cell, or a whole cell that is not parsed yet.

    `words` are all in it, `names` those that no dot stands before, `binds` those of them that it may bind or change.
    """

    __slots__ = ("binds", "cell", "end", "names", "node", "start", "words")

    def __init__(self, cell: int, start: int, end: int, text: str, node: SgNode | None = None) -> None:
        self.cell, self.start, self.end, self.node = cell, start, end, node
        self.words = words_of(text)
        self.names = frozenset(NAME.findall(text)) if "." in text else self.words
        self.binds = self.names

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands, in document order."""
        return self.cell, self.start
