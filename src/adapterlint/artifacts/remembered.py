"""What follows from tensor names alone is worked out once for all files of the same header."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")


def remembered(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Keep what `function` makes of tensors by name (and hashable arguments) in the tensors' memo, if they have one.

    What it returns must not be changed by anyone.
    """

    @wraps(function)
    def once(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        memo: dict[Any, Any] | None = getattr(args[0], "memo", None) if args else None
        if memo is None or kwargs:
            return function(*args, **kwargs)
        key = (function, args[1:])
        if key not in memo:
            memo[key] = function(*args, **kwargs)
        found: _R = memo[key]
        return found

    return once
