"""The nouns of adapterlint. Standard library only: every other module may import them.

Paths in nouns are strings with `/` between parts, spelled so that they open from the current directory. A noun's room
is opened when the noun is first asked for: a run that finds nothing builds only the few classes it needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapterlint.model.account import Applied, HeldBack
    from adapterlint.model.findings import Edit, Finding, Fix
    from adapterlint.model.ignore import Ignore
    from adapterlint.model.inspection import Inspection, Module
    from adapterlint.model.kinds import Applicability, Fault, Severity, Status, TargetKind
    from adapterlint.model.outcome import Checked, Report, Skipped, Verdict
    from adapterlint.model.places import Place, Span
    from adapterlint.model.rules import Example, ExampleTensor, Match, Refinement, Rule
    from adapterlint.model.targets import Broken, Load, Run, Target

_ROOMS = {
    "account": "Applied HeldBack",
    "findings": "Edit Finding Fix",
    "ignore": "Ignore",
    "inspection": "Inspection Module",
    "kinds": "Applicability Fault Severity Status TargetKind",
    "outcome": "Checked Report Skipped Verdict",
    "places": "Place Span",
    "rules": "Example ExampleTensor Match Refinement Rule",
    "targets": "Broken Load Run Target",
}
_HOME = {noun: room for room, nouns in _ROOMS.items() for noun in nouns.split()}

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
    "Ignore",
    "Inspection",
    "Load",
    "Match",
    "Module",
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


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    noun: object = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = noun
    return noun
