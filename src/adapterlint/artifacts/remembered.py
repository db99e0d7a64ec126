"""What follows from tensor names alone is worked out once for all files of the same header."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

_Names = TypeVar("_Names")
_P = ParamSpec("_P")
_R = TypeVar("_R")


def remembered(function: Callable[Concatenate[_Names, _P], _R]) -> Callable[Concatenate[_Names, _P], _R]:
    """Keep what `function` makes of names (and hashable arguments) in the memo of the tensors, where they have one.

    What it returns must not be changed by anyone.
    """

    @wraps(function)
    def once(names: _Names, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        memo: dict[Any, Any] | None = getattr(names, "memo", None)
        if memo is None or kwargs:
            return function(names, *args, **kwargs)
        key = (function, args)
        if key not in memo:
            memo[key] = function(names, *args)
        found: _R = memo[key]
        return found

    return once
