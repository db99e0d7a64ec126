"""The closed vocabulary of `where`: what a metavariable of a YAML rule must stand for. Each answers yes, no or unknown.

`is_a: NAME` (or a list): every object the expression may be is an instance of one of the classes.
`named: NAME` (or a list): the expression is one of these functions, classes or methods, by qualified name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import Enum
from typing import TYPE_CHECKING

from adapterlint.names import Object
from adapterlint.names.objects import Unknown, is_none

if TYPE_CHECKING:
    from adapterlint.model import Span
    from adapterlint.names import Names


class Answer(Enum):
    """What a predicate says. A rule hears only `yes`, unless it asks for `unknown` as well."""

    yes = "yes"
    no = "no"
    unknown = "unknown"


def is_a(names: Names, cell: int | None, span: Span, wanted: frozenset[str]) -> Answer:
    """Whether every possibility but None is an object of one of the wanted classes.

    In a loop that wraps again what it wrapped before, a wrapper around such an object counts beside the object itself.
    """
    values = [value for value in names.values(cell, span) if not is_none(value)]
    fits = [isinstance(it, Object) and bool(wanted & set(it.classes)) for it in values]
    if any(fits) and all(fit or _around(it, wanted) for fit, it in zip(fits, values, strict=True)):
        return Answer.yes
    open_end = any(isinstance(it, Unknown) for it in values)
    return Answer.unknown if any(fits) or open_end or not values else Answer.no


def _around(value: object, wanted: frozenset[str], depth: int = 5) -> bool:
    """Whether the value is a wrapper around objects of the wanted classes alone."""
    if not isinstance(value, Object) or not value.wraps or not depth:
        return False
    inner = [it for it in value.wraps if not is_none(it)]
    return all(isinstance(it, Object) and (wanted & set(it.classes) or _around(it, wanted, depth - 1)) for it in inner)


def named(names: Names, cell: int | None, span: Span, wanted: frozenset[str]) -> Answer:
    """Whether the expression can only be one of the wanted library names."""
    found = names.named(cell, span)
    if found is None:
        return Answer.unknown
    if found and found <= wanted:
        return Answer.yes
    return Answer.unknown if found & wanted else Answer.no


PREDICATES: dict[str, Callable[[Names, int | None, Span, frozenset[str]], Answer]] = {"is_a": is_a, "named": named}


#: Libraries whose calls the interpreter comes to wherever they stand; of others it need not follow each.
_FOLLOWED = frozenset({"peft", "sentence_transformers", "transformers"})


def followed(wanted: frozenset[str]) -> bool:
    """Whether every call of one of the functions is known from the run of the source."""
    return all(name.split(".")[0] in _FOLLOWED for name in wanted)


def words(wanted: frozenset[str]) -> frozenset[str]:
    """Words of which a source must hold one for the names to be there: the class, or the function if it is telling."""
    return frozenset(name.removesuffix(".from_pretrained").rpartition(".")[2] for name in wanted)


_KEYWORDS = {
    "except_clause": "except", "try_statement": "try", "with_statement": "with", "for_statement": "for", "call": "(",
    "while_statement": "while", "if_statement": "if", "class_definition": "class", "function_definition": "def",
    "import_from_statement": "import", "import_statement": "import", "lambda": "lambda", "return_statement": "return",
    "delete_statement": "del", "assignment": "=", "keyword_argument": "=", "subscript": "[",
}  # fmt: skip
_METAVARIABLE = re.compile(r"\$+[A-Z_][A-Z0-9_]*")
_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_ALTERNATIVES = re.compile(r"[A-Za-z_]\w*(?:\|[A-Za-z_]\w*)*")
_INSIDE = frozenset({"all", "inside", "has", "precedes", "follows"})


def literals(rule: object) -> list[frozenset[str]]:
    """Groups of texts of which a cell must hold one each for the ast-grep rule to match in it; none where none need be.

    ast-grep compiles a rule anew for every cell that is asked, a search for a word costs a thousandth of that.
    """
    if isinstance(rule, str):
        return literals({"pattern": rule})
    if isinstance(rule, list):
        return [group for it in rule for group in literals(it)]
    found: list[frozenset[str]] = []
    for key, value in rule.items() if isinstance(rule, Mapping) else ():
        if key == "pattern":
            text = value.get("context", "") if isinstance(value, Mapping) else str(value)
            found += [frozenset({word}) for word in _IDENTIFIER.findall(_METAVARIABLE.sub(" ", text))]
        elif key == "kind" and value in _KEYWORDS:
            found.append(frozenset({_KEYWORDS[value]}))
        elif key == "regex" and _ALTERNATIVES.fullmatch(str(value)):
            found.append(frozenset(str(value).split("|")))
        elif key in _INSIDE:
            found += literals(value)
        elif key == "any" and isinstance(value, list):
            ways = [literals(it) for it in value]
            if all(ways):
                found.append(frozenset(word for way in ways for word in min(way, key=len)))
    return found
