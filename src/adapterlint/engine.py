"""The only loop: every target, every rule whose inputs can be filled; then the rules of the run."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from adapterlint.alike import Alike
from adapterlint.inputs import Inputs, fill, known_base
from adapterlint.knowledge.words import IGNORE, LOADS
from adapterlint.model import (
    Checked,
    Place,
    Skipped,
    TargetKind,
)
from adapterlint.reading import Reading
from adapterlint.spread import Done, Read, spread, spread_sources

if TYPE_CHECKING:
    from adapterlint.alike import Kind
    from adapterlint.artifacts.source import Source
    from adapterlint.model import (
        Finding,
        Load,
        Rule,
        Run,
        Target,
        Verdict,
    )
    from adapterlint.rulebook import Rulebook

Progress = Callable[[int, int, str], None]


@dataclass(slots=True)
class Result:
    """What one pass found. `sources` holds those in which a comment may silence a rule."""

    findings: list[Finding] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    suppressed: list[Finding] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)
    checked: Checked = field(default_factory=Checked)
    crashed: bool = False


def lint(
    targets: Sequence[Target],
    rulebook: Rulebook,
    run: Run,
    *,
    select: Collection[str] | None = None,
    ignore: Collection[str] = (),
    jobs: int = 1,
    overlay: Mapping[str, bytes] | None = None,
    progress: Progress | None = None,
) -> Result:
    """Lint every target. `overlay` stands in for the bytes of a source; `select` and `ignore` hold ids or families.

    Sources come first, so that rules of an adapter know which code loads it. Verdicts are decided before `select`.
    """
    begun = time.perf_counter()
    known_base(run)
    pass_ = _Pass(rulebook, run, select, frozenset(ignore), progress, len(targets), overlay or {})
    run.adapters = tuple(target.path for target in targets if target.kind is TargetKind.adapter)
    pass_.sources([target for target in targets if target.kind is TargetKind.source], jobs)
    pass_.artifacts([target for target in targets if target.kind is not TargetKind.source], jobs)
    pass_.end_of_run()
    return pass_.result(time.perf_counter() - begun)


class _Pass:
    def __init__(
        self,
        rulebook: Rulebook,
        run: Run,
        select: Collection[str] | None,
        ignore: frozenset[str],
        progress: Progress | None,
        total: int,
        overlay: Mapping[str, bytes],
    ) -> None:
        self.rulebook, self.run, self.total = rulebook, run, total
        self.select = None if select is None else frozenset(select)
        self.ignore = ignore
        self.progress = progress
        self.done = 0
        self.out = Result()
        self.reading = Reading(overlay, self.out.skipped, self._tick)
        self.counts: dict[str, int] = {}
        self.alike = Alike(run)
        self.read = False  # whether any source was

    def sources(self, targets: Sequence[Target], jobs: int) -> None:
        """Read every source; lint those that matter, `jobs` at a time."""
        for target in targets:
            self._count("notebooks" if target.path.endswith(".ipynb") else "scripts")
        found = list(self.reading.worth(targets, self.rulebook.matter, self.run))
        if not found:
            return
        rules = [*self.rulebook.patterns(), *self.rulebook.checks("source")]
        for inputs, done in zip(found, spread_sources(lambda it: self._source(it, rules), found, jobs), strict=True):
            self.out.crashed = self.out.crashed or any(it.rule == "check-crashed" for it in done.findings)
            self.out.findings += done.findings
            self.out.skipped += done.skipped
            self.run.loads = (*self.run.loads, *done.loads)
            self.read = self.read or done.read
            if done.read and inputs.says(IGNORE) and inputs.source is not None:
                self.out.sources[inputs.target.path] = inputs.source
            inputs.forget()

    def _source(self, inputs: Inputs, rules: Sequence[Rule]) -> Read:
        """What rules say of one source. Nothing of the pass is changed: this may be a fork of it."""
        inputs.read_all()
        asked = [*rules, *(self.rulebook.checks("broken") if inputs.broken else ())]
        wanted = [rule for rule in asked if self._selected(rule)]
        skipped, findings = _skipped(inputs, wanted), self._ask_all(inputs, wanted)
        if inputs.source is None:
            return Read(findings, skipped, read=False)
        try:
            loads = tuple(_loads(inputs))
        except Exception as error:
            loads = ()
            findings.append(self._crash("names", inputs.target.path, error))
        return Read(findings, [*skipped, *inputs.source.skipped], loads)

    def artifacts(self, targets: Sequence[Target], jobs: int) -> None:
        """Lint adapters and models, `jobs` at a time; results keep the order of the targets."""
        if not targets:
            return
        rules = self.rulebook.checks("adapter")
        self.alike = Alike(self.run)  # now that the loads of the run are known
        for done in spread(lambda target: self._adapter(target, rules), targets, jobs):
            self._tick(done.target.path)
            self._count("models" if done.target.kind is TargetKind.model else "adapters")
            self._count("tensors", done.tensors)
            self._count("bytes", done.nbytes)
            self.out.skipped += done.skipped
            self.out.crashed = self.out.crashed or any(it.rule == "check-crashed" for it in done.findings)
            self.out.findings += [finding for finding in done.findings if self._selected(self.rulebook[finding.rule])]
            if done.verdict is not None:
                self.out.verdicts.append(done.verdict)
                self.run.verdicts[done.verdict.path] = done.verdict
                if done.digest is not None:
                    self.run.digests[done.verdict.path] = done.digest

    def _adapter(self, target: Target, rules: Sequence[Rule]) -> Done:
        """What rules and verdict say of one target. Nothing of the pass is changed: this may be a fork of it."""
        inputs = Inputs(target, self.run)
        inputs.read_all()
        kind = self.alike.kind(inputs, rules)
        skipped = _skipped(inputs, rules)
        findings = self._ask_all(inputs, rules) if kind is None else self._ask_kind(inputs, kind)
        if target.kind is TargetKind.model:
            return Done(target, findings, skipped)
        verdict = self._verdict(inputs, kind, findings)
        weights = inputs.weights
        if weights is None:
            return Done(target, findings, skipped, verdict)
        return Done(target, findings, skipped, verdict, len(weights.tensors), weights.values_read(), weights.digest())

    def _ask_kind(self, inputs: Inputs, kind: Kind) -> list[Finding]:
        """Ask the rules that are not known to be silent on adapters of this kind."""
        weights = inputs.weights
        assert weights is not None
        findings: list[Finding] = []
        silent: list[Rule] = []
        for rule in kind.rules:
            weights.asked = False
            found = self._ask(rule, inputs)
            findings += found
            if not (found or weights.asked) and self.alike.reads.issuperset(rule.reads):
                silent.append(rule)
        if silent:
            kind.leave_out(silent)
        return findings

    def _verdict(self, inputs: Inputs, kind: Kind | None, findings: list[Finding]) -> Verdict:
        from adapterlint.verdict import decide

        weights = inputs.weights
        if kind is None or weights is None or findings:
            return decide(inputs.target, inputs.config, weights, inputs.broken, findings)
        if kind.verdict is not None:
            return replace(kind.verdict, path=inputs.target.path)
        weights.asked = False
        verdict = decide(inputs.target, inputs.config, weights, inputs.broken, findings)
        if not weights.asked:
            kind.verdict = verdict
        return verdict

    def _ask_all(self, inputs: Inputs, rules: Sequence[Rule]) -> list[Finding]:
        return [finding for rule in rules for finding in self._ask(rule, inputs)]

    def _ask(self, rule: Rule, inputs: Inputs) -> list[Finding]:
        if rule.check is None:
            return []
        try:
            return [finding for filled in fill(rule, inputs) for finding in rule.check(**filled)]
        except Exception as error:
            return [self._crash(rule.id, inputs.target.path, error)]

    def _crash(self, name: str, path: str, error: Exception) -> Finding:
        self.out.crashed = True
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        message = f"the check {name} failed on this file ({reason}), so what it looks for is not known"
        return self.rulebook["check-crashed"].finding(message, Place(path))

    def end_of_run(self) -> None:
        """Ask the rules that name only `run`."""
        if self.counts.get("adapters") or self.read:
            for rule in self.rulebook.checks("run"):
                if rule.check is not None and self._selected(rule):
                    self.out.findings += rule.check(run=self.run)

    def _silence(self) -> None:
        """Take out what ignore comments cover, then ask the rules about the comments themselves."""
        if not self.out.sources:
            return
        from adapterlint import ignores

        families = self.rulebook.families
        kept = ignores.apply(self.out.findings, self.out.sources, families, lambda id: self._chosen(id, families[id]))
        self.out.findings, self.out.suppressed = list(kept.findings), list(kept.suppressed)
        for rule in self.rulebook.checks("ignores"):
            if rule.check is not None and self._selected(rule):
                self.out.findings += rule.check(ignores=kept.ignores)

    def result(self, seconds: float) -> Result:
        """All that was found, in a stable order."""
        self.out.findings = _once(self.out.findings)
        self._silence()
        self.out.findings.sort(key=order)
        self.out.verdicts.sort(key=lambda verdict: verdict.path)
        self.out.checked = replace(Checked(**self.counts), seconds=seconds)
        return self.out

    def _selected(self, rule: Rule) -> bool:
        return self._chosen(rule.id, rule.family)

    def _chosen(self, id: str, family: str) -> bool:
        named = {id, family}
        chosen = self.select is None or bool(named & self.select) or id == "check-crashed"
        return chosen and not named & self.ignore

    def _count(self, what: str, number: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + number

    def _tick(self, path: str) -> None:
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, self.total, path)


def order(finding: Finding) -> tuple[Any, ...]:
    """The key findings are sorted by: path, cell, line, column, pointer, rule."""
    place = finding.place
    return (place.path, place.cell or 0, place.line or 0, place.column or 0, place.pointer or "", finding.rule)


def _once(findings: Sequence[Finding]) -> list[Finding]:
    """Of the findings of one rule at one place, which each file that imports the place makes anew, the gravest."""
    kept: dict[object, Finding] = {}
    for it in findings:
        place = it.place
        key = (it.rule, place.path, place.cell, place.span) if place.span is not None else id(it)
        if key not in kept or kept[key].severity < it.severity:
            kept[key] = it
    return list(kept.values())


def _skipped(inputs: Inputs, rules: Sequence[Rule]) -> list[Skipped]:
    """How many rules could not be asked, for each artifact that is broken."""
    skipped = []
    for broken in inputs.broken:
        number = sum(broken.reads in set(rule.reads) - rule.optional for rule in rules)
        skipped.append(Skipped(inputs.target.path, f"{number} rules about {broken.reads}", broken.reason))
    return skipped


def _loads(inputs: Inputs) -> Iterator[Load]:
    """The loads of adapters on disk that the source makes, with keys that fit the version it runs on.

    The source is walked only where a word of LOADS stands: else nothing but PeftModel loads, and PEFT's own keys fit.
    """
    source, names = inputs.source, inputs.names
    if source is None or names is None or not any(word in source.text for word in LOADS):
        return
    from adapterlint.artifacts.environment import version_of
    from adapterlint.knowledge.sentence_transformers import PACKAGE
    from adapterlint.loadplan.agreement import fits

    found = tuple(names.loads())
    version = version_of(PACKAGE, source.path, source.pip_lines, inputs.run.versions, inputs.run.kernel)
    yield from (load for load in found if fits(load.path, version))
