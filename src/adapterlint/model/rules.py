"""Rules and the examples that show them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adapterlint.model.findings import Finding, clipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from adapterlint.model.findings import Fix
    from adapterlint.model.kinds import Severity, Status
    from adapterlint.model.places import Place, Span


_MAX_MESSAGE = 800


@dataclass(frozen=True, slots=True)
class ExampleTensor:
    """A tensor of an example: `shape`, one `value` for all elements, safetensors `dtype` name.

    With `varied` above 0 the elements differ, around `value` in magnitude, and those of another number differ again.
    """

    shape: tuple[int, ...]
    value: float = 0.01
    dtype: str = "F32"
    varied: int = 0


@dataclass(frozen=True, slots=True)
class Example:
    """A small world in which a rule fires `fires` times (0: silent). It is test and documentation at once.

    `files` maps relative paths to content. Shorthands: `config` is adapter/adapter_config.json, `tensors` is
    adapter/adapter_model.safetensors, `pickled` is adapter/adapter_model.bin, `base` is base/model.safetensors of the
    model that `--base` names, `cells` is notebook.ipynb (one code cell
    per text). `fixed` is `cells` as the fix leaves them. `versions` is what `--target` would say. `severity` is the
    expected one, if not the rule's own.
    """

    title: str
    fires: int = 1
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    config: Mapping[str, Any] | None = None
    tensors: Mapping[str, ExampleTensor] | None = None
    pickled: Mapping[str, ExampleTensor] | None = None
    base: Mapping[str, ExampleTensor] | None = None
    cells: tuple[str, ...] = ()
    fixed: tuple[str, ...] | None = None
    targets: tuple[str, ...] = (".",)
    versions: Mapping[str, str] = field(default_factory=dict)
    severity: Severity | None = None
    status: Status | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A fault adapterlint knows. What `check` reads and needs is filled by the rulebook from the rule's file.

    `reads` names the parameters of `check`; those in `optional` have a default and may be None. `words` are groups of
    words: a source without one of each group cannot hold the fault.
    """

    id: str
    family: str
    severity: Severity
    summary: str
    why: str
    examples: tuple[Example, ...] = ()
    since: str = "0.1.0"
    references: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    optional: frozenset[str] = frozenset()
    words: tuple[frozenset[str], ...] = ()
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
        """A finding of this rule. `severity` may lower the rule's own, never raise it: ValueError.

        A message that quotes a stranger's text at length (names of tensors can be megabytes) loses its middle.
        """
        if severity is not None and severity > self.severity:
            raise ValueError(f"{self.id} is declared {self.severity} and cannot report {severity}")
        given = self.severity if severity is None else severity
        return Finding(self.id, given, clipped(message, _MAX_MESSAGE), place, tuple(related), fix, status)


@dataclass(frozen=True, slots=True)
class Match:
    """A place in a cell where the pattern of a YAML rule stands; `captures` are the spans of its metavariables.

    `node` is the syntax node of ast-grep.
    """

    cell: int | None
    span: Span
    node: Any
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
