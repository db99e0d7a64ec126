"""JSON text -> value and place of every value. Reads configs, patches notebooks.

`parse` checks the whole text once at the speed of the standard library's C scanner; nodes below the root are made
when asked for, so that the outputs of a large notebook are never built as Python objects one by one.
"""

from __future__ import annotations

import json
import re
from itertools import accumulate
from typing import Any

from adapterlint.model import Span

MAX_DEPTH = 200
"""Nesting beyond this is refused: no adapter config or notebook comes near, and the C scanner recurses."""

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\n\r]*")
# The closing quote is optional so that text cut off inside a string cannot make the match start over (quadratic).
_STRING = r'"[^"\\]*(?:\\.[^"\\]*)*"?'
_NO_BRACKETS = re.compile(_STRING + r'|[^\[\]{}"]+', re.DOTALL)
_BRACKETS = re.compile(_STRING + r"|[\[\]{}]", re.DOTALL)
_STEP = {"[": 1, "{": 1, "]": -1, "}": -1}
_KINDS = {"{": "object", "[": "array", '"': "string", "t": "literal", "f": "literal", "n": "literal"}


class JsonTextError(ValueError):
    """The text is not JSON: `message` says why (no full stop), `offset` is the first character that is wrong."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class TooDeepError(JsonTextError):
    """The text may well be JSON, but is nested deeper than MAX_DEPTH."""


class Node:
    """A value at characters `start` up to `end` of `text`; `kind` is object, array, string, number or literal.

    `value` is the plain value of a scalar and None for containers. `members`, `keys` and `duplicates` are empty but
    for objects, `items` but for arrays. Of a key given twice the last wins, as in Python's json; `duplicates` lists
    each later occurrence as (key, offset of its key string).
    """

    __slots__ = ("_items", "_read", "end", "kind", "start", "text", "value")

    def __init__(self, text: str, start: int, end: int, value: Any) -> None:
        self.text = text
        self.start = start
        self.end = end
        self.kind = _KINDS.get(text[start], "number")
        self.value: Any = None if self.kind in ("object", "array") else value
        self._read: _Object | None = None
        self._items: list[Node] | None = None

    def __repr__(self) -> str:
        return f"Node({self.kind}, {self.start}, {self.end})"

    @property
    def span(self) -> Span:
        """Where the value stands in the text."""
        return Span(self.start, self.end)

    @property
    def members(self) -> dict[str, Node]:
        """The values of an object by key, in order of first occurrence of the key."""
        return self._object()[0]

    @property
    def keys(self) -> dict[str, Span]:
        """Where the key string of each member stands, quotes included."""
        return self._object()[1]

    @property
    def duplicates(self) -> list[tuple[str, int]]:
        """(key, offset) of each repeated key of this object; nested objects have their own."""
        return self._object()[2]

    @property
    def items(self) -> list[Node]:
        """The values of an array in order."""
        if self._items is None:
            self._items = []
            if self.kind == "array":
                self._read_items(self._items)
        return self._items

    def plain(self) -> Any:
        """The value as `json.loads` gives it, built afresh on every call."""
        return _DECODER.raw_decode(self.text, self.start)[0]

    def at(self, pointer: str) -> Node | None:
        """The node under a JSON pointer (RFC 6901) relative to this node, None where there is none."""
        node: Node | None = self
        for part in pointer.split("/")[1:]:
            if node is None:
                return None
            if node.kind == "array":
                node = node.items[int(part)] if part.isdecimal() and int(part) < len(node.items) else None
            else:
                node = node.members.get(part.replace("~1", "/").replace("~0", "~"))
        return node

    def _child(self, start: int) -> Node:
        value, end = _DECODER.raw_decode(self.text, start)
        return Node(self.text, start, end, value)

    def _object(self) -> _Object:
        if self._read is not None:
            return self._read
        members: dict[str, Node] = {}
        keys: dict[str, Span] = {}
        duplicates: list[tuple[str, int]] = []
        self._read = members, keys, duplicates
        if self.kind != "object":
            return self._read
        text = self.text
        here = _skip(text, self.start + 1)
        while text[here] != "}":
            key, end = _DECODER.raw_decode(text, here)
            if key in members:
                duplicates.append((key, here))
            keys[key] = Span(here, end)
            members[key] = self._child(_skip(text, _skip(text, end) + 1))
            here = _next(text, members[key].end)
        return self._read

    def _read_items(self, items: list[Node]) -> None:
        here = _skip(self.text, self.start + 1)
        while self.text[here] != "]":
            items.append(self._child(here))
            here = _next(self.text, items[-1].end)


_Object = tuple[dict[str, Node], dict[str, Span], list[tuple[str, int]]]


def parse(text: str) -> Node:
    """The root value of `text`. NaN and Infinity are accepted, as Python's json accepts them.

    Raises JsonTextError at the first error, at nesting deeper than MAX_DEPTH, and at a byte order mark.
    """
    start = _skip(text, 0)
    try:
        value, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise _explained(text, error) from None
    except RecursionError:
        raise _too_deep(text) from None
    except ValueError:
        digits = re.search(r"[0-9]{1000,}", text)
        raise JsonTextError("a number is too long to be read", digits.start() if digits else start) from None
    rest = _skip(text, end)
    if rest < len(text):
        raise JsonTextError("more text follows the end of the JSON value", rest)
    if _is_deep(text):
        raise _too_deep(text)
    return Node(text, start, end, value)


def line_column(text: str, offset: int) -> tuple[int, int]:
    """Line and column of a character offset, both from 1. Lines end with LF, CR LF or CR."""
    # A CR whose LF stands at `offset` itself has not ended its line yet.
    returns = text.count("\r", 0, offset) - text.count("\r\n", 0, offset + 1)
    line = 1 + text.count("\n", 0, offset) + returns
    ends = [text.rfind("\n", 0, offset)]
    if returns:
        last = text.rfind("\r", 0, offset)
        ends.append(text.rfind("\r", 0, last) if text[last + 1 : last + 2] == "\n" and last + 1 >= offset else last)
    return line, offset - max(ends)


def _skip(text: str, here: int) -> int:
    return _SPACE.match(text, here).end()  # type: ignore[union-attr]  # the pattern matches the empty string


def _next(text: str, here: int) -> int:
    """The start of the next entry of a container, or its closing bracket."""
    here = _skip(text, here)
    return _skip(text, here + 1) if text[here] == "," else here


def _explained(text: str, error: json.JSONDecodeError) -> JsonTextError:
    if text.startswith("\ufeff"):
        return JsonTextError("the text starts with a byte order mark", 0)
    if _is_deep(text[: error.pos]):  # how deep the parser itself goes differs between versions of Python
        return _too_deep(text)
    if error.pos >= len(text.rstrip(" \t\n\r")) or error.msg.startswith("Unterminated string"):
        return JsonTextError("the text ends in the middle of the JSON value", min(error.pos, len(text)))
    before = len(text[: error.pos].rstrip(" \t\n\r")) - 1
    if text[before : before + 1] == "," and text[error.pos] in "]}":
        return JsonTextError("a comma stands before the closing bracket", before)
    if "trailing comma" in error.msg:  # Python 3.13 on names this case itself
        return JsonTextError("a comma stands before the closing bracket", error.pos)
    words = error.msg[0].lower() + error.msg[1:]
    return JsonTextError(words.replace("expecting", "expected"), error.pos)


def _is_deep(text: str) -> bool:
    return max(accumulate(map(_STEP.__getitem__, _NO_BRACKETS.sub("", text))), default=0) > MAX_DEPTH


def _too_deep(text: str) -> JsonTextError:
    depth = 0
    for match in _BRACKETS.finditer(text):
        depth += _STEP.get(match[0], 0)
        if depth > MAX_DEPTH:
            return TooDeepError(f"values are nested more than {MAX_DEPTH} deep", match.start())
    return TooDeepError("values are nested too deeply", 0)
