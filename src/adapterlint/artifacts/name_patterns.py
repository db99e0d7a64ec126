"""The keys of rank_pattern and alpha_pattern: which modules PEFT applies them to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from adapterlint.artifacts.regex import fullmatch, work

_MAX_PATTERN = 1000
_MOST_STEPS = 20_000
_MOST_KEYS = 2_000
_NAME = re.compile(r"[\w-]+")


@dataclass(slots=True)
class Patience:
    """What may still be spent on the patterns of one config: steps of some 0.5 microseconds, and patterns to parse.

    There can be thousands of keys, each of them asked for each of thousands of modules.
    """

    steps: int = 3_000_000
    seen: set[str] = field(default_factory=set)

    def spend(self, pattern: str, text: str) -> bool:
        """Count in a try of the pattern; False where patience is at its end."""
        self.seen.add(pattern)
        if len(self.seen) > _MOST_KEYS or self.steps <= 0:
            return False
        self.steps -= work(pattern, text, _MOST_STEPS)
        return True


def applies(key: str, module: str, patience: Patience | None = None) -> bool | None:
    """Whether PEFT applies the pattern `key` to `module` (peft.utils.other.get_pattern_key).

    None if `key` is no regular expression, or one that would take too long to try with what patience is left.
    """
    if _NAME.fullmatch(key) or module == key:
        return module == key or module.endswith(f".{key}")
    if len(key) > _MAX_PATTERN:
        return None
    pattern = rf"(.*\.)?({key})$"
    if patience is not None and not patience.spend(pattern, module):
        return None
    return fullmatch(pattern, module, _MOST_STEPS)
