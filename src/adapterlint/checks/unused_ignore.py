"""An ignore comment that silences nothing is a trap for later.

`# adapterlint: ignore[rule]` on a line of a statement silences that rule there. When the fault has been mended, or
the comment stands beside the wrong statement or misspells the rule, it silences nothing now, and will hide the
fault when it comes back. A rule that did not run (`--select`, `--ignore`) is never called unused.

Delete the comment, or take the rule's name out of its brackets; if the name is misspelled, `adapterlint rules` lists
the right ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from adapterlint.model import Example, Rule, Severity

if TYPE_CHECKING:
    from adapterlint.model import Finding
    from adapterlint.model.ignore import Ignore

RULE = Rule(
    id="unused-ignore",
    family="source",
    severity=Severity.info,
    summary="an ignore comment that silences nothing",
    why=__doc__ or "",
    examples=(
        Example(
            "the fault it was written for is gone",
            cells=("model = build()  # adapterlint: ignore[peft-on-sentence-transformer]\n",),
        ),
        Example("a misspelled rule", cells=("model = build()  # adapterlint: ignore[peft-on-sentence]\n",)),
        Example(
            "the words are text, not a comment",
            fires=0,
            cells=('note = """\n# adapterlint: ignore[peft-on-sentence-transformer]\n"""\n',),
        ),
    ),
)


def check(ignores: Sequence[Ignore]) -> Iterator[Finding]:
    """One finding for each comment of the run that names a rule in vain."""
    for ignore in ignores:
        if ignore.unknown:
            names = ", ".join(ignore.unknown)
            yield RULE.finding(f"this ignore comment names {names}, which is no rule and no family", ignore.place)
        if ignore.unused:
            names = ", ".join(ignore.unused)
            yield RULE.finding(f"{names} reports nothing here, so this ignore comment silences nothing", ignore.place)
        if ignore.idle:
            yield RULE.finding("no rule reports anything here, so this ignore comment silences nothing", ignore.place)
