"""Comments that silence rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapterlint.model.findings import Finding
    from adapterlint.model.places import Place


@dataclass(frozen=True, slots=True)
class Ignore:
    """One ignore comment. `rules` are the ids and families it names, none for all; `lines` the lines it covers.

    `place` is the comment. `unused` are the names in it that silenced nothing, although every rule they mean ran;
    `unknown` those that are no rule and no family; `idle` says that a comment without names silenced nothing.
    """

    place: Place
    rules: tuple[str, ...]
    lines: frozenset[int]
    unused: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    idle: bool = False

    def covers(self, finding: Finding) -> bool:
        """Whether the finding is in the statement of this comment."""
        place = finding.place
        return place.path == self.place.path and place.cell == self.place.cell and place.line in self.lines
