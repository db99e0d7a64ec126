"""What goes in and comes out of a run: targets, broken artifacts, verdicts, accounts, the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from adapterlint.model.findings import Finding, Place, Rule
from adapterlint.model.kinds import Fault, Severity, Status, TargetKind


@dataclass(frozen=True, slots=True)
class Target:
    """One thing to look at. An adapter is a folder (`config`, `weights` name its files) or a lone file.

    `path` is the folder, or the file of a source or lone artifact. `weights` lists the shards in order.
    `pickled` lists adapter_model.bin and its shards; it is read where `weights` is empty.
    """

    path: str
    kind: TargetKind
    config: str | None = None
    weights: tuple[str, ...] = ()
    pickled: tuple[str, ...] = ()
    lone: bool = False


@dataclass(frozen=True, slots=True)
class Broken:
    """An artifact that could not be read. `reads` is the parameter name it would have filled ("config", …).

    `reason` is a clause without full stop ("cut off after 512 of 4096 bytes"), `hint` the remedy.
    """

    path: str
    reads: str
    fault: Fault
    reason: str
    hint: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one adapter: will it change the model's output, and is it what was trained?"""

    path: str
    status: Status
    reason: str
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Applied:
    """A fix that was written (or, with `--diff`, would be)."""

    path: str
    rule: str
    title: str
    cell: int | None = None
    line: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A fix that was not written, and why."""

    path: str
    rule: str
    title: str
    reason: str
    cell: int | None = None
    line: int | None = None
    note: str = ""


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
class Load:
    """A load of an adapter seen in source: `path` as resolved on disk, `onto` the qualified class it is put around."""

    source: str
    path: str
    onto: str


@dataclass(slots=True)
class Run:
    """What rules may know beyond their target. Sources are linted first, so `loads` is complete for adapters.

    `versions` is `--target`; `fix_style` is auto, wrap or native; `adapters` holds the path of every adapter of the
    run; `verdicts` grows as adapters are judged. `kernel` is true for the Python API in a notebook.
    """

    versions: Mapping[str, str] = field(default_factory=dict)
    fix_style: str = "auto"
    kernel: bool = False
    loads: tuple[Load, ...] = ()
    adapters: tuple[str, ...] = ()
    verdicts: dict[str, Verdict] = field(default_factory=dict)


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
