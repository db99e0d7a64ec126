"""Faults planted in working programs, each with innocent twins: how many are found, how many alarms are false.

`tests/cases/planted/README.md` describes the files. Run as a program, it prints found/planted and false/innocent per
rule (`python tests/planted.py [RULE...]`, `-v` names every case that went wrong).
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casefiles import ADAPTERS, CASES, CLOSING, OPENING, cells_of, notebook, tomllib

if TYPE_CHECKING:
    from adapterlint.model import Finding

PLANTED = CASES / "planted"
SECTION = re.compile(r"^# /// (innocent|file)\b:?[ \t]*(.*)\n", re.MULTILINE)


@dataclass(frozen=True)
class Program:
    """One program: its text in percent format, and the files beside it. `title` says why an innocent one is so."""

    title: str
    text: str
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Planted:
    """A faulty program and its innocent twins. Header keys are the fields from `title` on; see the README there."""

    rule: str
    name: str
    faulty: Program
    innocent: tuple[Program, ...]
    title: str
    moved: str
    line: tuple[str, ...]
    truth: str = ""
    before: str = ""
    not_run: str = ""
    file: str = ""
    level: str = "warning"
    notebook: Mapping[str, Any] | None = None
    target: Mapping[str, str] = field(default_factory=dict)
    adapters: tuple[str, ...] = ()
    argv: tuple[str, ...] = ()
    stacks: tuple[str, ...] = ("new",)

    @property
    def id(self) -> str:
        return f"{self.rule}/{self.name}"

    @property
    def file_name(self) -> str:
        return "program.py" if self.notebook is None else "program.ipynb"

    def programs(self) -> Iterator[tuple[str, Program]]:
        """(id, program) of the faulty one, then of its twins."""
        yield f"{self.id}/faulty", self.faulty
        for index, program in enumerate(self.innocent):
            yield f"{self.id}/innocent-{index}", program

    def write(self, folder: Path, program: Program) -> Path:
        """`program` and its files in `folder`; returns its path."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in program.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        path = folder / self.file_name
        styled = program.text.encode() if self.notebook is None else notebook(cells_of(program.text), **self.notebook)
        path.write_bytes(styled)
        return path


def read_planted(path: Path) -> Planted:
    header, body = path.read_text(encoding="utf-8").removeprefix(OPENING).split(CLOSING, 1)
    fields = tomllib.loads("".join(line.removeprefix("#").removeprefix(" ") for line in header.splitlines(True)))
    lines = fields.pop("line")
    for name in ("adapters", "argv", "stacks"):
        if name in fields:
            fields[name] = tuple(fields[name])
    faulty, *innocent = _programs(body)
    case = Planted(
        path.parent.name,
        path.stem,
        faulty,
        tuple(innocent),
        line=(lines,) if isinstance(lines, str) else tuple(lines),
        **fields,
    )
    assert innocent, f"{case.id} has no innocent twin"
    assert bool(case.truth) != bool(case.not_run), f"{case.id}: either `truth`, or `not_run` says why it cannot run"
    held = faulty.files[case.file] if case.file else faulty.text
    assert all(line in held for line in case.line), f"{case.id}: no such line in the faulty program"
    return case


def _programs(body: str) -> Iterator[Program]:
    """`body` cut at its section lines: `# /// file NAME` opens a file of the program above, `# /// innocent` a twin."""
    pieces = [("innocent", "", 0, 0), *((m[1], m[2], m.start(), m.end()) for m in SECTION.finditer(body))]
    ends = [start for _, _, start, _ in pieces[1:]] + [len(body)]
    title, text, files = "", "", dict[str, str]()
    for index, ((kind, word, _, start), end) in enumerate(zip(pieces, ends, strict=True)):
        if kind == "file":
            files[word] = body[start:end]
            continue
        if index:
            yield Program(title, text, files)
        title, text, files = word, body[start:end].lstrip("\n"), {}
    yield Program(title, text, files)


def read_all(rules: Collection[str] = ()) -> list[Planted]:
    """Every case, or those of `rules`, by rule and name."""
    return [read_planted(path) for path in sorted(PLANTED.glob("*/*.py")) if not rules or path.parent.name in rules]


def known_rules() -> set[str]:
    """The rules of the rulebook that have cases."""
    from adapterlint.rulebook import Rulebook

    return {rule for rule in Rulebook() if (PLANTED / rule).is_dir()}


def findings(case: Planted, program: Program, *, alone: bool) -> list[Finding]:
    """What is found in `program` at its level, in a folder of its own, by the case's rule or by every source rule."""
    import adapterlint

    here = Path.cwd()
    folder = Path(tempfile.mkdtemp(prefix="planted-")).resolve()
    try:
        path = case.write(folder, program)
        for name in case.adapters:
            shutil.copytree(ADAPTERS / name, folder / "adapters" / name)
        os.chdir(folder)
        paths = [path.name, *program.files, *(["adapters"] if case.adapters else [])]
        select = [case.rule] if alone else ["source"]
        level = case.level if alone else "warning"
        report = adapterlint.check(paths, select=select, level=level, target=case.target, isolated=True, jobs=1)
    finally:
        os.chdir(here)
        shutil.rmtree(folder)
    crashes = [finding.message for finding in report.findings if finding.rule == "check-crashed"]
    assert not crashes and not report.crashed, f"{case.id}: a check crashed: {'; '.join(crashes)}"
    return [finding for finding in report.findings if finding.severity >= report.level]


def found(case: Planted, findings: list[Finding]) -> bool:
    """Whether the rule speaks at one of the case's lines."""
    text = case.faulty.files[case.file] if case.file else case.faulty.text
    cells = cells_of(text) if not case.file and case.notebook is not None else ()
    for finding in findings:
        place = finding.place
        if finding.rule != case.rule or Path(place.path).name != Path(case.file or case.file_name).name:
            continue
        held = text if place.cell is None or not cells else cells[place.cell][1]
        line = held.splitlines()[place.line - 1] if place.line else ""
        if any(words in line for words in case.line):
            return True
    return False


def jobs(case: Planted, root: Path, world: Path) -> list[dict[str, Any]]:
    """The programs of `case`, each in a folder of its own under `root` with the models of `world` and copies of its
    adapters, as `planted_world.py run` takes them.
    """
    made = []
    for name, program in case.programs():
        folder = root / name
        folder.mkdir(parents=True)
        for thing in world.iterdir():
            if thing.name in ("adapters", "checkpoints"):
                shutil.copytree(thing, folder / thing.name)
            elif thing.is_dir():
                (folder / thing.name).symlink_to(thing, target_is_directory=True)
        path = case.write(folder, program)
        made.append({"path": str(path), "before": case.before, "argv": list(case.argv), "truth": case.truth})
    return made


@dataclass
class Score:
    """What became of the cases of one rule. `missed` and `false` name them, with what was said instead."""

    planted: int = 0
    innocent: int = 0
    missed: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)

    def add(self, case: Planted) -> None:
        self.planted += 1
        for alone in (True, False):
            if not alone and case.level != "warning":
                continue  # only shown when asked for
            said = findings(case, case.faulty, alone=alone)
            if not found(case, said):
                self.missed.append(f"{case.id}{'' if alone else ' among all rules'}: {_words(said)}")
                break
        for index, program in enumerate(case.innocent):
            self.innocent += 1
            said = findings(case, program, alone=True) or findings(case, program, alone=False)
            if said:
                self.false.append(f"{case.id}/innocent-{index} ({program.title}): {_words(said)}")

    @property
    def enough(self) -> bool:
        return len(self.missed) <= 0.1 * self.planted and not self.false


def _words(said: list[Finding]) -> str:
    return "; ".join(f"{f.rule} at cell {f.place.cell}, line {f.place.line}: {f.message}" for f in said) or "silent"


def score(rule: str) -> Score:
    total = Score()
    for case in read_all([rule]):
        total.add(case)
    return total


def main() -> int:
    parser = argparse.ArgumentParser(description="found/planted and false/innocent per rule")
    parser.add_argument("rules", nargs="*")
    parser.add_argument("-v", "--verbose", action="store_true")
    arguments = parser.parse_args()
    known, bad = known_rules(), 0
    for rule in arguments.rules or sorted({case.rule for case in read_all()}):
        if rule not in known:
            print(f"{rule:34} {len(read_all([rule])):3} planted, not in the rulebook yet")
            continue
        total = score(rule)
        bad += not total.enough
        counts = f"{total.planted - len(total.missed)}/{total.planted} found, {len(total.false)}/{total.innocent} false"
        print(f"{rule:34} {counts}{'' if total.enough else '   <--'}")
        if arguments.verbose:
            for word, names in (("missed", total.missed), ("false", total.false)):
                print("".join(f"    {word}  {name}\n" for name in names), end="")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
