"""The keys of rank_pattern and alpha_pattern: which modules PEFT applies them to, bounded in time."""

from __future__ import annotations

import re
from functools import lru_cache

_MAX_REPEATS = 4
_MAX_PATTERN = 1000
_REPEAT = re.compile(r"(?<!\\)[*+{]")
_REPEATED_GROUP = re.compile(r"\)[*+{]")
_NAME = re.compile(r"[\w-]+")


def applies(key: str, module: str) -> bool | None:
    """Whether PEFT applies the pattern `key` to `module` (peft.utils.other.get_pattern_key).

    None if `key` is no regular expression, or one that may take too long to try.
    """
    if _NAME.fullmatch(key) or module == key:
        return module == key or module.endswith(f".{key}")
    pattern = _compiled(key)
    return None if pattern is None else pattern.match(module) is not None


@lru_cache(maxsize=4096)
def _compiled(key: str) -> re.Pattern[str] | None:
    if len(key) > _MAX_PATTERN or len(_REPEAT.findall(key)) > _MAX_REPEATS or _REPEATED_GROUP.search(key):
        return None
    try:
        return re.compile(rf"(.*\.)?({key})$")
    except (re.error, OverflowError, RecursionError):
        return None
