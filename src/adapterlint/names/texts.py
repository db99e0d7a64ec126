"""Strings and paths: literals, f-strings, joins; what depends on the machine or the user stays unknown."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from adapterlint.names.objects import MOST, UNKNOWN, Constant, Method, Object, Site, Symbol, Text, join

if TYPE_CHECKING:
    from adapterlint.names.objects import Value, Values

# Most literals: one pair of quotes, and nothing in it that stands for anything else.
_PLAIN = re.compile(r"""[rRfFuU]?(["'])([^"'\\\r\n]*)\1""")
#: Marks the folder of the source itself, which a path built on `__file__` starts from.
HERE = "\0here"
_PATHS = frozenset({"pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath", "os.fspath", "os.path.expanduser",
                    "os.path.abspath", "os.path.realpath", "os.path.normpath", "builtins.str"})  # fmt: skip
_SAME = frozenset({"resolve", "absolute", "as_posix", "expanduser", "strip", "rstrip", "lstrip", "__str__"})
_NOWHERE = Site(-1, 0, 0)


def literal(raw: str) -> Values:
    """The content of a string literal without braces; bytes are unknown."""
    plain = _PLAIN.fullmatch(raw)
    if plain:
        return (Text(plain[2]),)
    import ast

    try:
        value = ast.literal_eval(raw if raw[:1] not in "fF" else raw[1:])
    except (ValueError, SyntaxError, MemoryError):
        return UNKNOWN
    return (Text(value),) if isinstance(value, str) else UNKNOWN


def concatenated(parts: Sequence[Values]) -> Values:
    """The parts one after another."""
    return _combined(parts, "".join)


def joined(parts: Sequence[Values]) -> Values:
    """The parts as a path; an absolute part starts it anew, as in os.path.join."""
    return _combined(parts, lambda texts: posixpath.join(*texts) if texts else "")


def _combined(parts: Sequence[Values], put: Callable[[Sequence[str]], str | None]) -> Values:
    known = [[text for value in values if (text := as_text(value)) is not None] for values in parts]
    ways = 1
    for choices in known:
        ways *= len(choices)
    if not ways or ways > MOST:
        return UNKNOWN
    whole = all(len(choices) == len(values) for choices, values in zip(known, parts, strict=True))
    made = [put(way) for way in itertools.product(*known)]
    found = tuple(Text(it) for it in made if it is not None)
    return join(found) if whole and len(found) == len(made) else join(found, UNKNOWN)


def as_text(value: Value) -> str | None:
    """The characters of a text, or of a number or constant put into one."""
    if isinstance(value, Text):
        return value.value
    return value.text if isinstance(value, Constant) else None


def operated(operator: str, left: Values, right: Values) -> Values:
    """`left operator right` of strings and paths: `/` joins paths, `+` strings, `%` fills a string."""
    if operator == "%":
        return _combined([left, right], _filled) if _texts(left) else UNKNOWN
    if not (_texts(left) and _texts(right)):  # numbers
        return UNKNOWN
    if operator == "/":
        return joined([left, right])
    return concatenated([left, right]) if operator == "+" else UNKNOWN


def _texts(values: Values) -> bool:
    """Whether those of the values that are known are strings or paths."""
    return not any(isinstance(value, Constant) for value in values)


def _filled(parts: Sequence[str]) -> str | None:
    """`"models/%s" % "one"`, None where it is not as plain as that."""
    before, mark, after = parts[0].partition("%s")
    return before + parts[1] + after if mark and "%" not in before + after else None


def attribute(symbol: Symbol, name: str) -> Values | None:
    """Attributes of symbols that are texts."""
    return (Text("/"),) if (symbol.name, name) in {("os", "sep"), ("os.path", "sep")} else None


def member(text: Text, name: str) -> Values:
    """Attributes of a string or path: `.parent`, `.name`, `.stem`, or a method."""
    value = text.value
    if name == "parent":
        return (Text(posixpath.dirname(value) or "."),)
    if name == "name":
        return (Text(posixpath.basename(value)),)
    if name == "stem":
        return (Text(posixpath.splitext(posixpath.basename(value))[0]),)
    return (Method(Object(("builtins.str",), _NOWHERE, 0, parts={"self": (text,)}), name),)


def called(name: str, arguments: Sequence[Values]) -> Values | None:
    """Library calls that make texts; None for any other call."""
    if name == "pathlib.Path.cwd" or name == "os.getcwd":
        return (Text("."),)
    if name in ("pathlib.Path", "pathlib.PurePath", "os.path.join"):
        given = [(Text(HERE + "/file.py"),) if values == (Symbol("__file__"),) else values for values in arguments]
        return joined(given) if given else (Text("."),)
    if name in _PATHS and len(arguments) == 1:
        return (Text(HERE + "/file.py"),) if arguments[0] == (Symbol("__file__"),) else _only_texts(arguments[0])
    if name == "os.path.dirname" and arguments:
        given = [(Text(HERE + "/file.py"),)] if arguments[0] == (Symbol("__file__"),) else [arguments[0]]
        return join(*(member(it, "parent") if isinstance(it, Text) else UNKNOWN for it in given[0]))
    return None


def _only_texts(values: Values) -> Values:
    return join(*((value,) if isinstance(value, Text) else UNKNOWN for value in values)) or UNKNOWN


def _formatted(text: str, given: Sequence[str]) -> str | None:
    try:
        return text.format(*given)
    except (IndexError, ValueError):
        return None


def method(text: Text, name: str, arguments: Sequence[Values]) -> Values:
    """What a method of a string or path returns."""
    if name in _SAME and not arguments:
        return (Text(text.value.strip()) if "strip" in name else text,)
    if name == "joinpath":
        return joined([(text,), *arguments])
    if name == "format" and re.fullmatch(r"[^{}]*(?:\{\d*\}[^{}]*)*", text.value):
        return _combined(arguments, lambda given: _formatted(text.value, given)) if arguments else UNKNOWN
    return UNKNOWN
