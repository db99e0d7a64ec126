"""The keys of rank_pattern and alpha_pattern: which modules PEFT applies them to."""

from __future__ import annotations

import re

from adapterlint.artifacts.regex import fullmatch

_MAX_PATTERN = 1000
_MOST_STEPS = 20_000
_NAME = re.compile(r"[\w-]+")


def applies(key: str, module: str) -> bool | None:
    """Whether PEFT applies the pattern `key` to `module` (peft.utils.other.get_pattern_key).

    None if `key` is no regular expression, or one that may take too long to try: there can be thousands of keys, each
    of them asked for each module.
    """
    if _NAME.fullmatch(key) or module == key:
        return module == key or module.endswith(f".{key}")
    if len(key) > _MAX_PATTERN:
        return None
    return fullmatch(rf"(.*\.)?({key})$", module, _MOST_STEPS)
