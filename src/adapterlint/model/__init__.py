"""The nouns of adapterlint. Standard library only: every other module may import them.

Paths in nouns are strings with `/` between parts, spelled so that they open from the current directory.
"""

from __future__ import annotations

from adapterlint.model.findings import Edit, Example, ExampleTensor, Finding, Fix, Match, Place, Refinement, Rule, Span
from adapterlint.model.kinds import Applicability, Fault, Severity, Status, TargetKind
from adapterlint.model.outcome import Applied, Broken, Checked, HeldBack, Load, Report, Run, Skipped, Target, Verdict

__all__ = [
    "Applicability",
    "Applied",
    "Broken",
    "Checked",
    "Edit",
    "Example",
    "ExampleTensor",
    "Fault",
    "Finding",
    "Fix",
    "HeldBack",
    "Load",
    "Match",
    "Place",
    "Refinement",
    "Report",
    "Rule",
    "Run",
    "Severity",
    "Skipped",
    "Span",
    "Status",
    "Target",
    "TargetKind",
    "Verdict",
]
