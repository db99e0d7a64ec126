"""Whether a stranger's regular expression matches, in bounded time: of target_modules, rank_pattern and their like.

Python's own matcher backtracks: `(a+)+b` takes longer than a life, and so does `(a|aa)(a|aa)…` without any repeat. It
is asked only where the pattern has few ways to be tried on the text, which its parsed form tells beforehand. Any other
goes to a matcher that carries the set of positions a partial match can stand at, which costs at most the length of the
pattern times the square of the length of the text, and answers the same. What that does not know (groups referred to,
atomic groups, flags) is unknown, not guessed.
"""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from importlib import import_module
from typing import Any, NamedTuple

# sre_parse is deprecated from 3.11 on, re._parser is not there before
_parser: Any = import_module("re._parser" if sys.version_info >= (3, 11) else "sre_parse")

_LONGEST_PATTERN = 20_000
_LONGEST_TEXT = 500
_MOST_STEPS = 2_000_000
_MOST_WAYS = 1_000_000  # of some 20 nanoseconds each

_Positions = set[int]


class _Unknown(Exception):  # noqa: N818 - a state of knowledge, not an error
    """Something in the pattern that is not followed, or too much work."""


class _Ways(NamedTuple):
    """At most `constant * (n + 1) ** degree` ways to try a pattern on a text of n characters."""

    constant: int
    degree: int = 0

    def on(self, text: str) -> float:
        return self.constant * float(len(text) + 1) ** self.degree


class _Pattern(NamedTuple):
    """A pattern that Python can read. `ways` is None where they are too many to count, or nothing bounds them."""

    compiled: re.Pattern[str]
    parsed: Any
    ways: _Ways | None


def fullmatch(pattern: str, text: str, steps: int = _MOST_STEPS) -> bool | None:
    """Whether `re.fullmatch(pattern, text)` finds a match; None if the pattern is wrong, unknown or too costly.

    `steps` bounds the work on patterns that are not left to Python; two million take a second.
    """
    known = _known(pattern)
    if known is None or len(text) > _LONGEST_TEXT:
        return None
    if known.ways is not None and known.ways.on(text) <= _MOST_WAYS:
        return known.compiled.fullmatch(text) is not None
    return _walked(pattern, text, steps)[0]


def work(pattern: str, text: str, steps: int = _MOST_STEPS) -> int:
    """What `fullmatch` costs at most on this text, in steps of some 0.5 microseconds."""
    known = _known(pattern)
    if known is None or len(text) > _LONGEST_TEXT:
        return 1
    if known.ways is not None and known.ways.on(text) <= _MOST_WAYS:
        return 1 + int(known.ways.on(text)) // 100
    return _walked(pattern, text, steps)[1]


def prefix_match(pattern: str, text: str) -> bool | None:
    """Whether `re.match(pattern, text)` finds a match at the beginning; None as for `fullmatch`."""
    return fullmatch(f"(?:{pattern})[\\s\\S]*", text)


@lru_cache(maxsize=4096)
def _known(pattern: str) -> _Pattern | None:
    if len(pattern) > _LONGEST_PATTERN:
        return None
    try:
        parsed = _parser.parse(pattern)
        return _Pattern(re.compile(pattern), parsed, _ways(parsed))
    except (re.error, OverflowError, RecursionError, ValueError):
        return None


def _ways(items: Any) -> _Ways | None:
    """How often Python may begin anew with the items, one after the other."""
    constant, degree = 1, 0
    for operator, argument in items:
        own = _ways_of(str(operator), argument)
        if own is None:
            return None
        constant, degree = constant * own.constant, degree + own.degree
        if constant > _MOST_WAYS:
            return None
    return _Ways(constant, degree)


def _ways_of(operator: str, argument: Any) -> _Ways | None:
    if operator in ("LITERAL", "NOT_LITERAL", "ANY", "IN", "AT", "GROUPREF"):
        return _Ways(1)
    if operator == "SUBPATTERN":
        return _ways(argument[3])
    if operator in ("ASSERT", "ASSERT_NOT"):
        return _ways(argument[1])
    if operator == "BRANCH":
        branches = [_ways(branch) for branch in argument[1]]
        counted = [ways for ways in branches if ways is not None]
        if len(counted) < len(branches):
            return None
        return _Ways(sum(ways.constant for ways in counted), max(ways.degree for ways in counted))
    if operator in ("MAX_REPEAT", "MIN_REPEAT"):
        return _ways_of_repeat(int(argument[0]), int(argument[1]), argument[2])
    return None


def _ways_of_repeat(low: int, high: int, items: Any) -> _Ways | None:
    own, (narrowest, widest) = _ways(items), items.getwidth()
    if own is None:
        return None
    if high <= 1:
        return _Ways(own.constant + (low < high), own.degree)
    if own == _Ways(1) and narrowest == widest > 0:
        return _Ways(1, degree=int(low < high))
    return None


@lru_cache(maxsize=1 << 15)
def _walked(pattern: str, text: str, most: int) -> tuple[bool | None, int]:
    """The answer, and the steps that it took."""
    known = _known(pattern)
    if known is None or known.compiled.flags & ~re.UNICODE:
        return None, 1
    walk = _Walk(text, most)
    try:
        return len(text) in walk.ends(known.parsed, {0}), walk.steps
    except (_Unknown, RecursionError):
        return None, walk.steps


class _Walk:
    def __init__(self, text: str, most: int) -> None:
        self.text, self.most = text, most
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
        if self.steps > self.most:
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
