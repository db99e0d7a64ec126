"""The nouns of adapterlint. Standard library only: every other module may import this one.

Paths in nouns are strings with `/` between parts, spelled so that they open from the current directory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Any


class Severity(IntEnum):
    """How sure the harm is; the words ast-grep uses. `error` cannot load or is not what was trained."""

    hint = 0
    info = 1
    warning = 2
    error = 3

    def __str__(self) -> str:
        return self.name


class Applicability(IntEnum):
    """What a fix promises: `safe` keeps every later use working, `unsafe` is likely meant, `display` is only shown."""

    display = 0
    unsafe = 1
    safe = 2

    def __str__(self) -> str:
        return self.name


class Status(Enum):
    """The answer for one adapter. Order of definition is order of precedence: the first that applies is the verdict."""

    unreadable = "unreadable"
    loads_nothing = "loads nothing"
    inert = "inert"
    wrong = "wrong"
    partly_loaded = "partly loaded"
    not_checked = "not checked"
    unknown = "unknown"
    works = "works"

    def __str__(self) -> str:
        return self.value


class Fault(Enum):
    """What is the matter with an artifact that could not be read."""

    missing = "missing"
    denied = "denied"
    empty = "empty"
    lfs_pointer = "lfs-pointer"
    html = "html"
    encoding = "encoding"
    syntax = "syntax"
    shape = "shape"
    truncated = "truncated"
    damaged = "damaged"
    unsupported = "unsupported"


class TargetKind(Enum):
    """`adapter`: a folder or a lone file of one; `source`: .py or .ipynb; `model`: a full model, counted only."""

    adapter = "adapter"
    source = "source"
    model = "model"


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` up to but not including `end` of one text (one cell, one file)."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is: symbolic first (`pointer`: a JSON pointer or tensor name), then concrete.

    `cell` counts from 0 over all cells of a notebook; `line` and `column` count from 1 within the cell or file;
    `file_line` is the physical line of the file, for a notebook the line of the .ipynb. `note` labels the place in
    reports ("base_model is a SentenceTransformer (line 13)"). `span` is of `excerpt`'s text: the cell or file.
    `excerpt` holds the source line(s) up to and including `line`, the last of which is underlined.
    """

    path: str
    cell: int | None = None
    execution_count: int | None = None
    pointer: str | None = None
    span: Span | None = None
    line: int | None = None
    column: int | None = None
    file_line: int | None = None
    excerpt: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the characters of `span` in `path` (in cell `cell` of a notebook) by `content`."""

    path: str
    cell: int | None
    span: Span
    content: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that apply together or not at all. `note`: what the fix assumed (a version), what would change it."""

    title: str
    applicability: Applicability
    edits: tuple[Edit, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault at one place, born from `Rule.finding` only. `status`: what the fault makes of its adapter."""

    rule: str
    severity: Severity
    message: str
    place: Place
    related: tuple[Place, ...] = ()
    fix: Fix | None = None
    status: Status | None = None


@dataclass(frozen=True, slots=True)
class ExampleTensor:
    """A tensor of an example: `shape`, one `value` for all elements, safetensors `dtype` name."""

    shape: tuple[int, ...]
    value: float = 0.01
    dtype: str = "F32"


@dataclass(frozen=True, slots=True)
class Example:
    """A small world in which a rule fires `fires` times (0: silent). It is test and documentation at once.

    `files` maps relative paths to content. Shorthands: `config` is adapter/adapter_config.json, `tensors` is
    adapter/adapter_model.safetensors, `cells` is notebook.ipynb (one code cell per text). `fixed` is `cells` as the
    fix leaves them. `versions` is what `--target` would say. `severity` is the expected one, if not the rule's own.
    """

    title: str
    fires: int = 1
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    config: Mapping[str, Any] | None = None
    tensors: Mapping[str, ExampleTensor] | None = None
    cells: tuple[str, ...] = ()
    fixed: tuple[str, ...] | None = None
    targets: tuple[str, ...] = (".",)
    versions: Mapping[str, str] = field(default_factory=dict)
    severity: Severity | None = None
    status: Status | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A fault adapterlint knows. `reads` and `check` are filled by the rulebook from the module or the YAML file."""

    id: str
    family: str
    severity: Severity
    summary: str
    why: str
    examples: tuple[Example, ...] = ()
    since: str = "0.1.0"
    references: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    check: Callable[..., Iterable[Finding]] | None = None

    @property
    def fixable(self) -> bool:
        """Whether some example shows a fix."""
        return any(example.fixed is not None for example in self.examples)

    def finding(
        self,
        message: str,
        place: Place,
        *,
        severity: Severity | None = None,
        related: Iterable[Place] = (),
        fix: Fix | None = None,
        status: Status | None = None,
    ) -> Finding:
        """A finding of this rule. `severity` may lower the rule's own, never raise it: ValueError."""
        if severity is not None and severity > self.severity:
            raise ValueError(f"{self.id} is declared {self.severity} and cannot report {severity}")
        return Finding(
            self.id, self.severity if severity is None else severity, message, place, tuple(related), fix, status
        )


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
class Match:
    """A place in a cell where the pattern of a YAML rule stands; `captures` are the spans of its metavariables."""

    cell: int | None
    span: Span
    captures: Mapping[str, Span] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refinement:
    """What a companion makes of a match: None leaves the rule's own word. `span` moves the place of the finding."""

    severity: Severity | None = None
    message: str | None = None
    span: Span | None = None
    note: str = ""
    related: tuple[Place, ...] = ()
    fix: Fix | None = None


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
