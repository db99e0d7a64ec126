"""Whether a stranger's regular expression matches, in bounded time.

Python's own matcher backtracks: `(a+)+b` takes longer than a life. This one carries the set of positions a partial
match can stand at, which costs at most the length of the pattern times the square of the length of the text, and
answers the same. What it does not know (groups referred to, atomic groups, flags) is unknown, not guessed.
"""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from importlib import import_module
from typing import Any

# sre_parse is deprecated from 3.11 on, re._parser is not there before
_parser: Any = import_module("re._parser" if sys.version_info >= (3, 11) else "sre_parse")

_LONGEST_PATTERN = 20_000
_LONGEST_TEXT = 500
_MOST_STEPS = 2_000_000

_Positions = set[int]


class _Unknown(Exception):  # noqa: N818 - a state of knowledge, not an error
    """Something in the pattern that is not followed, or too much work."""


@lru_cache(maxsize=1 << 15)
def fullmatch(pattern: str, text: str) -> bool | None:
    """Whether `re.fullmatch(pattern, text)` finds a match; None if the pattern is wrong, unknown or too costly."""
    if len(text) > _LONGEST_TEXT:
        return None
    parsed = _parsed(pattern)
    if parsed is None:
        return None
    try:
        return len(text) in _Walk(text).ends(parsed, {0})
    except (_Unknown, RecursionError):
        return None


def prefix_match(pattern: str, text: str) -> bool | None:
    """Whether `re.match(pattern, text)` finds a match at the beginning; None as for `fullmatch`."""
    return fullmatch(f"(?:{pattern})[\\s\\S]*", text)


@lru_cache(maxsize=256)
def _parsed(pattern: str) -> Any:
    if len(pattern) > _LONGEST_PATTERN:
        return None
    try:
        parsed = _parser.parse(pattern)
    except (re.error, OverflowError, RecursionError, ValueError):
        return None
    return None if parsed.state.flags & ~re.UNICODE else parsed


class _Walk:
    def __init__(self, text: str) -> None:
        self.text = text
        self.steps = 0

    def ends(self, items: Any, starts: _Positions) -> _Positions:
        """Where a match of the items one after the other can end that begins at one of `starts`."""
        for operator, argument in items:
            if not starts:
                return starts
            self._count(len(starts))
            starts = self._after(str(operator), argument, starts)
        return starts

    def _count(self, steps: int) -> None:
        self.steps += steps + 1
        if self.steps > _MOST_STEPS:
            raise _Unknown

    def _after(self, operator: str, argument: Any, starts: _Positions) -> _Positions:
        if operator in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
            return {at + 1 for at in starts if at < len(self.text) and _is_in(operator, argument, self.text[at])}
        if operator == "BRANCH":
            return set().union(*(self.ends(branch, set(starts)) for branch in argument[1]))
        if operator == "SUBPATTERN":
            _, add, remove, items = argument
            if add or remove:
                raise _Unknown
            return self.ends(items, starts)
        if operator in ("MAX_REPEAT", "MIN_REPEAT"):
            low, high, items = argument
            return self._repeated(low, high, items, starts)
        if operator in ("ASSERT", "ASSERT_NOT"):
            direction, items = argument
            return {at for at in starts if self._holds(direction, items, at) is (operator == "ASSERT")}
        if operator == "AT":
            return {at for at in starts if self._stands(str(argument), at)}
        raise _Unknown

    def _repeated(self, low: int, high: int, items: Any, starts: _Positions) -> _Positions:
        reached = starts
        for _ in range(min(int(low), len(self.text) + 1)):
            reached = self.ends(items, reached)
        fresh, turns = reached, int(low)
        while fresh and turns < int(high):
            fresh = self.ends(items, fresh) - reached
            reached = reached | fresh
            turns += 1
        return reached

    def _holds(self, direction: int, items: Any, at: int) -> bool:
        if direction > 0:
            return bool(self.ends(items, {at}))
        low, high = items.getwidth()
        return any(at in self.ends(items, {at - back}) for back in range(low, min(high, at) + 1))

    def _stands(self, where: str, at: int) -> bool:
        if where in ("AT_BEGINNING", "AT_BEGINNING_STRING"):
            return at == 0
        if where in ("AT_END", "AT_END_STRING"):
            return at == len(self.text)
        if where in ("AT_BOUNDARY", "AT_NON_BOUNDARY"):
            before = at > 0 and _is_word(self.text[at - 1])
            after = at < len(self.text) and _is_word(self.text[at])
            return (before != after) is (where == "AT_BOUNDARY")
        raise _Unknown


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _is_in(operator: str, argument: Any, character: str) -> bool:
    if operator == "LITERAL":
        return bool(ord(character) == argument)
    if operator == "NOT_LITERAL":
        return bool(ord(character) != argument)
    if operator == "ANY":
        return character != "\n"
    negated = str(argument[0][0]) == "NEGATE"
    return any(_is_member(str(kind), value, character) for kind, value in argument[negated:]) is not negated


def _is_member(kind: str, value: Any, character: str) -> bool:
    if kind == "LITERAL":
        return bool(ord(character) == value)
    if kind == "RANGE":
        return bool(value[0] <= ord(character) <= value[1])
    tests = {"DIGIT": str.isdigit, "SPACE": str.isspace, "WORD": _is_word}
    name = str(value).removeprefix("CATEGORY_")
    test = tests.get(name.removeprefix("NOT_"))
    if kind != "CATEGORY" or test is None:
        raise _Unknown
    return test(character) is not name.startswith("NOT_")
