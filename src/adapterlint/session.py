"""A run from paths to `Report`: discover, lint, edit, lint again. The only caller of both engine and edits."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from adapterlint.discover import discover, spelled
from adapterlint.engine import lint
from adapterlint.errors import EditError, UsageError
from adapterlint.model import Report, Run, Severity, Target, TargetKind
from adapterlint.rulebook import FAMILIES, Rulebook
from adapterlint.settings import load as load_settings
from adapterlint.settings import nearest, versions_of

if TYPE_CHECKING:
    from adapterlint.discover import Discovery
    from adapterlint.edits import Plan
    from adapterlint.engine import Result
    from adapterlint.model import Applied, HeldBack
    from adapterlint.settings import Settings

ROUNDS = 10

Progress = Callable[[int, int, str], None]


class Fixing(NamedTuple):
    """What becomes of fixes: `write` them to disk, or only show them (`diff`); `unsafe` ones too."""

    write: bool = False
    diff: bool = False
    unsafe: bool = False


NO_FIXING = Fixing()


class Outcome(NamedTuple):
    """The report of a run, and the source from standard input as its fixes leave it."""

    report: Report
    stdin: bytes | None = None


def check(
    paths: Sequence[str],
    settings: Settings,
    *,
    progress: Progress | None = None,
    stdin: tuple[str, bytes] | None = None,
    fixing: Fixing = NO_FIXING,
) -> Report:
    """Check `paths` and return what was found; see `run`. Raises AdapterlintError for wrong usage."""
    return run(paths, settings, progress=progress, stdin=stdin, fixing=fixing).report


def run(
    paths: Sequence[str],
    settings: Settings,
    *,
    progress: Progress | None = None,
    stdin: tuple[str, bytes] | None = None,
    fixing: Fixing = NO_FIXING,
) -> Outcome:
    """Check `paths`, fix what may be fixed, and report what remains.

    `stdin` is a source that is not on disk: the name it goes by and its bytes; what its fixes make of it comes back
    in the outcome and is never written. Raises UsageError for an unknown rule id or a named path that does
    not exist, EditError if a fixed file cannot be written (the others are).
    """
    begun = time.perf_counter()
    rulebook = Rulebook(settings.rules)
    known_rules(settings, rulebook)
    found = discover(paths, settings)
    if found.missing:
        raise UsageError(f"no such file or folder: {', '.join(found.missing)}", nearest_path(found.missing[0]))
    overlay: dict[str, bytes] = {}
    if stdin is not None:
        name = spelled(stdin[0])
        overlay[name] = stdin[1]
        found = found._replace(targets=(*found.targets, Target(name, TargetKind.source)))
    outcome = _Session(settings, rulebook, found, progress, overlay).outcome(fixing)
    checked = replace(outcome.report.checked, seconds=time.perf_counter() - begun)
    return outcome._replace(report=replace(outcome.report, checked=checked))


class _Session:
    def __init__(
        self,
        settings: Settings,
        rulebook: Rulebook,
        found: Discovery,
        progress: Progress | None,
        overlay: dict[str, bytes],
    ) -> None:
        self.settings, self.rulebook, self.found, self.progress = settings, rulebook, found, progress
        self.overlay = overlay
        self.not_on_disk = frozenset(overlay)
        self.originals: dict[str, bytes] = {}
        self.applied: list[Applied] = []
        self.held_back: tuple[HeldBack, ...] = ()

    def outcome(self, fixing: Fixing) -> Outcome:
        """Lint, and with `fixing` edit and lint again until nothing changes."""
        result = self.lint()
        if fixing.write or fixing.diff:
            result = self.fixed(result, fixing.unsafe)
        changed = {path: self.overlay[path] for path in self.originals if self.overlay[path] != self.originals[path]}
        diffs = tuple(self.diff(path) for path in changed) if fixing.diff else ()
        if fixing.write:
            self.write(changed)
        return Outcome(self.report(result, diffs), next((self.overlay[path] for path in self.not_on_disk), None))

    def lint(self) -> Result:
        """One pass over everything: a fix in one source may change what another file is judged by."""
        settings = self.settings
        run = Run(settings.versions, settings.fix_style, in_kernel(), settings.base_model, named=self.found.named)
        result = lint(
            self.found.targets,
            self.rulebook,
            run,
            select=self.settings.select,
            ignore=self.settings.ignore,
            jobs=self.settings.jobs or os.cpu_count() or 1,
            overlay=self.overlay,
            progress=self.progress,
        )
        if self.settings.per_path_ignores:
            from adapterlint.ignores import by_path

            kept, silenced = by_path(
                result.findings, self.settings.per_path_ignores, self.settings.base, lambda id: self.rulebook[id].family
            )
            result.findings = kept
            result.suppressed += silenced
        return result

    def fixed(self, result: Result, unsafe: bool) -> Result:
        """Edit in memory and lint again, at most `ROUNDS` times; nothing is written here."""
        for _ in range(ROUNDS):
            plan = self.plan(result, unsafe)
            self.held_back = tuple(plan.held_back)
            if not plan.contents:
                break
            self.overlay.update(plan.contents)
            self.applied += plan.applied
            result = self.lint()
        return result

    def plan(self, result: Result, unsafe: bool) -> Plan:
        """The next round of edits, of the findings that are shown: nobody expects a fix for what he is not told."""
        if not any(finding.fix is not None for finding in result.findings):
            from adapterlint.edits import Plan

            return Plan({}, (), ())
        from adapterlint import edits

        shown = [finding for finding in result.findings if finding.severity >= self.settings.level]
        return edits.plan(shown, self.read, unsafe=unsafe)

    def read(self, path: str) -> bytes:
        """The bytes of a source as fixed so far; the first reading is kept, to be compared when it is written."""
        if path not in self.originals:
            self.originals[path] = self.overlay[path] if path in self.overlay else Path(path).read_bytes()
            self.overlay.setdefault(path, self.originals[path])
        return self.overlay[path]

    def diff(self, path: str) -> str:
        """The change of one source as a unified diff."""
        from adapterlint import edits

        return edits.diff(path, self.originals[path], self.overlay[path])

    def write(self, changed: Mapping[str, bytes]) -> None:
        """Write every fixed source that is on disk, each whole or not at all; one that fails does not stop the rest."""
        from adapterlint import edits

        failed: list[EditError] = []
        for path, data in changed.items():
            if path in self.not_on_disk:
                continue
            try:
                edits.write(path, data, self.originals[path])
            except EditError as error:
                failed.append(error)
        if failed:
            raise failed[0]

    def report(self, result: Result, diffs: tuple[str, ...]) -> Report:
        """What the last pass found, with the account of all rounds."""
        return Report(
            findings=tuple(result.findings),
            verdicts=tuple(result.verdicts),
            rules=self.rulebook,
            checked=result.checked,
            suppressed=tuple(result.suppressed),
            skipped=(*self.found.skipped, *result.skipped),
            applied=tuple(self.applied),
            held_back=self.held_back,
            diffs=diffs,
            crashed=result.crashed,
            level=self.settings.level,
        )


def exit_code(report: Report, *, exit_zero: bool = False) -> int:
    """0: nothing at or above the level; 1: findings, or a diff that is not empty; 2: a check crashed."""
    if report.crashed:
        return 2
    wrong = bool(report.diffs) or any(finding.severity >= report.level for finding in report.findings)
    return int(wrong and not exit_zero)


def known_rules(settings: Settings, rulebook: Rulebook) -> None:
    """Raise UsageError naming the first word of the settings that is no rule and no family, and the nearest one."""
    per_path = [name for _, names in settings.per_path_ignores for name in names]
    for name in (*(settings.select or ()), *settings.ignore, *per_path):
        if name not in rulebook and name not in FAMILIES:
            hint = nearest(name, [*rulebook, *FAMILIES]) or "adapterlint rules lists them"
            raise UsageError(f"there is no rule or family {name!r}", hint)


def nearest_path(path: str) -> str:
    """`did you mean X?` for the entry of the same folder whose name is closest to the missing `path`, or ""."""
    import difflib

    wanted = Path(path)
    try:
        names = [entry.name for entry in wanted.parent.iterdir()]
    except OSError:
        return ""
    close = difflib.get_close_matches(wanted.name, names, n=1, cutoff=0.7)
    return f"did you mean {(wanted.parent / close[0]).as_posix()}?" if close else ""


def in_kernel() -> bool:
    """Whether this runs inside a notebook's kernel, where the installed libraries are those the code will run on."""
    shell = sys.modules.get("IPython")
    return shell is not None and getattr(shell, "get_ipython", lambda: None)() is not None


def check_paths(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = ".",
    *,
    select: Collection[str] | None = None,
    ignore: Collection[str] = (),
    level: str | Severity | None = None,
    target: Mapping[str, str] | None = None,
    base: str | os.PathLike[str] | None = None,
    fix_style: str | None = None,
    fix: bool = False,
    unsafe_fixes: bool = False,
    diff: bool = False,
    config: str | None = None,
    isolated: bool = False,
    jobs: int | None = None,
) -> Report:
    """Check adapters, notebooks and scripts, and return a `Report`. Prints nothing and never exits.

    `paths` is one path or several. `select` and `ignore` hold rule ids and families; `level` is the lowest severity
    that counts ("error", "warning", "info", "hint"); `target` maps a package to the version the code will run on;
    `base` is the folder of the base model the adapters are for;
    `fix` writes safe fixes, `unsafe_fixes` likely ones too, `diff` puts the changes into `Report.diffs` and writes
    nothing. Settings files count as on the command line; `config` names one, `isolated` reads none.

    `report.findings` holds findings of every severity, `report.verdicts` one verdict per adapter, `report.skipped`
    what was not looked at. Raises `adapterlint.errors.AdapterlintError` for a path that does not exist, an unknown
    rule, and settings that cannot be read.

        >>> import adapterlint
        >>> report = adapterlint.check("models", level="error")
        >>> [(verdict.path, str(verdict.status)) for verdict in report.verdicts]
        [('models/support-v4', 'inert')]
    """
    named = [os.fspath(path) for path in ([paths] if isinstance(paths, (str, os.PathLike)) else paths)]
    if level is not None and str(level) not in Severity.__members__:
        raise UsageError(f"there is no level {str(level)!r}", "the levels are " + ", ".join(Severity.__members__))
    settings = load_settings(
        config,
        isolated=isolated,
        select=None if select is None else tuple(select),
        ignore=tuple(ignore) or None,
        level=None if level is None else Severity[str(level)],
        versions=None if target is None else versions_of([f"{name}={version}" for name, version in target.items()]),
        base_model=None if base is None else os.fspath(base),
        fix_style=fix_style,
        jobs=jobs,
    )
    fixing = Fixing(write=fix and not diff, diff=diff, unsafe=unsafe_fixes)
    return check(named, settings, fixing=fixing)
