"""What PEFT takes as the value of each field of adapter_config.json, one function per kind of field.

Each returns the value or raises the error that pydantic hands on. All were measured, see `config_fields`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any

from pydantic_core import PydanticCustomError

from adapterlint.knowledge.peft_types import (
    INIT_BEGINNINGS,
    INIT_NAMES,
    INIT_NAMES_ANY_CASE,
    INIT_WITH_STEPS,
    TASK_TYPES,
)
from adapterlint.model import Severity, Status

_NEGATIONS = frozenset({"false", "no", "off", "0", "none", "null", "n", "f"})
_KINDS: dict[type, str] = {str: " (a string)", list: " (a list)", dict: " (an object)"}
_MAX_SHOWN = 60
_MAX_PATTERN = 100_000
_PLAIN = re.compile(r"[\w.-]*")


def shown(value: object) -> str:
    """`value` as its JSON, shortened."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MAX_SHOWN else f"{text[: _MAX_SHOWN - 1]}…"


def _refuse(
    value: object,
    why: str,
    *path: object,
    severity: Severity = Severity.error,
    status: Status | None = Status.unreadable,
    dated: bool = False,
) -> PydanticCustomError:
    """The error "<value>, <why>" at `path` inside the field; the rest as in FieldError."""
    context = {"path": path, "severity": severity, "status": status, "dated": dated, "text": f"{shown(value)}, {why}"}
    return PydanticCustomError("peft", "{text}", context)


def _wrong_kind(value: object, needs: str, *path: object) -> PydanticCustomError:
    text = f"{shown(value)}{_KINDS.get(type(value), '')}, where PEFT needs {needs}"
    context = {"path": path, "severity": Severity.error, "status": Status.unreadable, "dated": False, "text": text}
    return PydanticCustomError("peft", "{text}", context)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def rank(value: Any) -> Any:
    # Floats and numbers below one are the matter of rank-not-positive.
    if not _is_number(value):
        raise _wrong_kind(value, "a whole number")
    return value


def alpha(value: Any, *path: object) -> Any:
    if value is True:
        needs = "which PEFT takes for 1"
        raise _refuse(value, needs, *path, severity=Severity.warning, status=Status.wrong)
    if value is not False and not _is_number(value):
        raise _wrong_kind(value, "a number", *path)
    try:
        finite = math.isfinite(value)
    except OverflowError:
        raise _refuse(value, "too large for PEFT to divide", *path) from None
    if not finite:
        raise _refuse(value, "which turns every output into NaN", *path, status=Status.wrong)
    return value


def dropout(value: Any) -> Any:
    if not isinstance(value, (int, float)):
        raise _wrong_kind(value, "a number from 0 to 1")
    if value > 1:
        raise _refuse(value, "where torch's dropout needs a probability from 0 to 1")
    return value


def task_type(value: Any) -> Any:
    if value is not None and value not in TASK_TYPES:
        raise _refuse(value, f"where PEFT knows {', '.join(TASK_TYPES)} or null", dated=isinstance(value, str))
    return value


def base_name(value: Any) -> Any:
    if value is not None and not isinstance(value, str):
        raise _refuse(
            value,
            "which AutoPeftModel cannot take for the name or path of the base model",
            severity=Severity.warning,
            status=Status.unknown,
        )
    return value


def bias(value: Any) -> Any:
    if not isinstance(value, str):
        raise _wrong_kind(value, '"none", "all" or "lora_only"')
    if value not in ("none", "all") and not value.endswith("_only"):
        raise _refuse(value, 'where PEFT knows "none", "all" and "lora_only"', dated=True)
    return value


def _regex_fault(pattern: str) -> str | None:
    if _PLAIN.fullmatch(pattern) or len(pattern) > _MAX_PATTERN:
        return None
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return str(error) or type(error).__name__
    except Warning:  # under `python -W error` a doubtful set is raised; it compiles all the same
        return None
    return None


def _regex(value: str) -> None:
    fault = _regex_fault(value)
    if fault is not None:
        raise _refuse(value, f"which is no regular expression ({fault})")


def target_modules(value: Any) -> Any:
    if isinstance(value, str):
        _regex(value)
    elif value is not None and not isinstance(value, (list, dict)):
        raise _wrong_kind(value, "a list of names, a regular expression or null")
    for index, name in enumerate(value if isinstance(value, list) else ()):
        if not isinstance(name, str):
            raise _wrong_kind(name, "the name of a module", index)
    return value


def exclude_modules(value: Any) -> Any:
    if isinstance(value, str):
        _regex(value)
    elif value and not isinstance(value, (list, dict)):
        raise _wrong_kind(value, "a list of names, a regular expression or null")
    return value


def modules_to_save(value: Any) -> Any:
    if isinstance(value, str) and value:
        raise _refuse(value, "which PEFT takes letter by letter, where it needs a list of names")
    if value and not isinstance(value, (list, dict)):
        raise _wrong_kind(value, "a list of names or null")
    for index, name in enumerate(value if isinstance(value, list) else ()):
        if not isinstance(name, str):
            raise _wrong_kind(name, "the name of a module", index)
    return value


def rank_pattern(value: Any) -> Any:
    return _pattern(value, _pattern_rank)


def alpha_pattern(value: Any) -> Any:
    return _pattern(value, alpha)


def _pattern(value: Any, check: Callable[[Any, str], Any]) -> Any:
    if not isinstance(value, dict):
        raise _wrong_kind(value, "an object of module names and numbers")
    for key, entry in value.items():
        fault = None if _PLAIN.fullmatch(key) else _regex_fault(rf"(.*\.)?({key})$")
        if fault is not None:
            raise _refuse(entry, f"and its key is no regular expression ({fault})", key)
        check(entry, key)
    return value


def _pattern_rank(value: Any, key: str) -> Any:
    if not _is_number(value):
        raise _wrong_kind(value, "a whole number", key)
    return value


def layers_to_transform(value: Any) -> Any:
    if isinstance(value, bool):
        needs = f"which PEFT takes for layer {int(value)} alone"
        raise _refuse(value, needs, severity=Severity.warning, status=Status.wrong)
    if value is not None and not isinstance(value, (int, list)):
        raise _wrong_kind(value, "the index of a layer or a list of them")
    for index, layer in enumerate(value if isinstance(value, list) else ()):
        if layer is not None and (not isinstance(layer, (int, float)) or layer != layer // 1):
            raise _refuse(layer, "which is the index of no layer", index)
    return value


def layers_pattern(value: Any) -> Any:
    if isinstance(value, str):
        _regex(value)
    elif value and not isinstance(value, list):
        raise _wrong_kind(value, "a name, a list of names or null")
    for index, name in enumerate(value if isinstance(value, list) else ()):
        if not isinstance(name, str):
            raise _wrong_kind(name, "a name", index)
        fault = _regex_fault(name)
        if fault is not None:
            raise _refuse(name, f"which is no regular expression ({fault})", index)
    return value


def switch(value: Any) -> Any:
    if isinstance(value, str) and value.strip().lower() in _NEGATIONS:
        raise _refuse(value, "which PEFT takes for true", status=Status.wrong)
    return value


def merge_switch(value: Any) -> Any:
    if isinstance(value, str) and value.strip().lower() in _NEGATIONS:
        needs = "which PEFT takes for true, so that the adapter cannot be merged"
        raise _refuse(value, needs, severity=Severity.warning, status=None)
    return value


def init(value: Any) -> Any:
    if value is True or not value:
        return value
    if not isinstance(value, str):
        raise _wrong_kind(value, "true, false or the name of an initialisation")
    steps = value[len(INIT_WITH_STEPS) :] if value.startswith(INIT_WITH_STEPS) else ""
    known = value in INIT_NAMES or value.lower() in INIT_NAMES_ANY_CASE or steps.isdecimal()
    if not known and not value.startswith(INIT_BEGINNINGS):
        raise _refuse(value, "which names no initialisation of PEFT", dated=True)
    return value


def replication(value: Any) -> Any:
    if value and not isinstance(value, (list, dict)):
        raise _wrong_kind(value, "a list of [start, end] pairs or null")
    for index, pair in enumerate(value if isinstance(value, list) else ()):
        if not isinstance(pair, list) or len(pair) != 2:
            raise _wrong_kind(pair, "a pair [start, end] of layers", index)
    return value


def parameters(value: Any) -> Any:
    if isinstance(value, str) or (value and not isinstance(value, (list, dict))):
        raise _wrong_kind(value, "a list of names or null")
    return value


def tokens(value: Any) -> Any:
    if isinstance(value, str):
        raise _wrong_kind(value, "a list of token indices")
    for index, token in enumerate(value if isinstance(value, list) else ()):
        if not isinstance(token, int):
            raise _wrong_kind(token, "the index of a token", index)
    return value


def invocation(value: Any) -> Any:
    if value and not isinstance(value, list):
        raise _wrong_kind(value, "a list of token ids or null")
    return value


def subconfig(value: Any) -> Any:
    if value is not None and not isinstance(value, dict):
        raise _wrong_kind(value, "an object or null")
    return value
