"""What comes out of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapterlint.model.kinds import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adapterlint.model.account import Applied, HeldBack
    from adapterlint.model.findings import Finding
    from adapterlint.model.kinds import Status
    from adapterlint.model.rules import Rule


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one adapter: will it change the model's output, and is it what was trained?"""

    path: str
    status: Status
    reason: str
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was not looked at, and why. `what` is "rule inert-adapter", "values", "cell 3", …"""

    path: str
    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What was looked at. `bytes` counts tensor bytes whose values were read; `seconds` is wall time of the run."""

    adapters: int = 0
    models: int = 0
    notebooks: int = 0
    scripts: int = 0
    tensors: int = 0
    bytes: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """All that a run found out; reports are renderings of this. `rules` maps ids to rules and may load them lazily."""

    findings: tuple[Finding, ...]
    verdicts: tuple[Verdict, ...]
    rules: Mapping[str, Rule]
    checked: Checked
    suppressed: tuple[Finding, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    applied: tuple[Applied, ...] = ()
    held_back: tuple[HeldBack, ...] = ()
    diffs: tuple[str, ...] = ()
    crashed: bool = False
    level: Severity = Severity.warning
