"""A fix does what its title promises: every one is applied and run on every stack whose versions it is offered for.

Fixed examples of the source rules (`fix_promises.py` says what each promises) and the fixes of the planted programs,
whose `truth` says of the mended program that the fault is gone.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import adapterlint
import casefiles
import planted
import planted_world
from adapterlint.model import Example
from adapterlint.rulebook import Rulebook
from fix_promises import EVERY, PROMISES

if TYPE_CHECKING:
    from conftest import Stack
    from planted import Planted

PINS = {"new": "runtime-3.11", "mid": "stack-mid", "old": "stack-old"}
PACKAGES = ("peft", "sentence-transformers", "transformers", "torch")
RULES = [rule for rule in map(Rulebook().__getitem__, Rulebook()) if rule.family == "source"]
CASES = [case for rule in RULES for case in planted.read_all([rule.id])]
FIXED = [(rule.id, example) for rule in RULES for example in rule.examples if example.fixed is not None]
#: Rules whose fault, or whose cure, is of some versions: the stacks whose versions a fix is offered for.
RANGES = {
    "assigned-to-auto-model": ("new",),
    "checkpointing-without-input-grads": ("mid", "old"),
}


def versions(stack: str) -> dict[str, str]:
    """What `--target` says of a stack: the versions it is pinned to."""
    pinned = (Path(__file__).parent / "constraints" / f"{PINS[stack]}.txt").read_text(encoding="utf-8")
    return {name: re.findall(rf"^{name}==(.+)$", pinned, re.MULTILINE)[0] for name in PACKAGES}


@dataclass(frozen=True)
class Job:
    """A program to run: the faulty one, or `mended` by the fix "offered" for the stack, or as "shown" in the rulebook.

    `name` is that of the case or example.
    """

    rule: str
    name: str
    mended: str
    files: dict[str, bytes]
    program: str
    before: str
    truth: str
    argv: tuple[str, ...] = ()


def mended(folder: Path, rule: str, target: dict[str, str], level: str) -> dict[str, bytes] | None:
    """The files as all fixes that may be applied leave them; None where none is offered."""
    here = Path.cwd()
    before = _files(folder)
    os.chdir(folder)
    try:
        names = [*before, *(["adapters"] if Path("adapters").is_dir() else [])]
        report = adapterlint.check(
            names, select=[rule], level=level, target=target, isolated=True, fix=True, unsafe_fixes=True, jobs=1
        )
    finally:
        os.chdir(here)
    assert not report.crashed, [it.message for it in report.findings if it.rule == "check-crashed"]
    after = _files(folder)
    return after if after != before else None


def _files(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file() and "adapters" not in path.parts]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(paths)}


def of_case(case: Planted, root: Path, target: dict[str, str]) -> Iterator[Job]:
    """The planted program, and as it is mended; nothing where no fix is offered."""
    folder = root / case.id
    case.write(folder, case.faulty)
    for name in case.adapters:
        shutil.copytree(casefiles.ADAPTERS / name, folder / "adapters" / name)
    before = _files(folder)
    after = mended(folder, case.rule, target, case.level)
    if after is not None:
        rest = (case.file_name, case.before, case.truth, case.argv)
        yield Job(case.rule, case.name, "", before, *rest)
        yield Job(case.rule, case.name, "offered", after, *rest)


def of_example(rule: str, example: Example, root: Path, target: dict[str, str], stack: str = "") -> Iterator[Job]:
    """The example, and as it is mended for the stack's versions, and as it is shown, where it runs there."""
    folder = root / rule / re.sub(r"\W+", "-", example.title)
    folder.mkdir(parents=True)
    (folder / "program.py").write_text("\n".join(example.cells), encoding="utf-8")
    before = _files(folder)
    after = mended(folder, rule, target, "hint")
    promise = PROMISES.get((rule, example.title))
    shown = {"program.py": "\n".join(example.fixed or ()).encode()}
    wanted = {"": before, "offered": after, "shown": shown if promise and stack in promise.declared else None}
    if promise is None or stack not in promise.stacks:
        assert promise is not None or after is None, f"{rule}: say in fix_promises.py what {example.title!r} promises"
        return
    if wanted["shown"] == after:
        del wanted["shown"]
    for mended_by, files in wanted.items():
        if files is not None:
            rest = (files, "program.py", promise.before, promise.truth)
            yield Job(rule, example.title, mended_by, *rest)


@pytest.fixture(scope="session")
def ran(stack_named: Callable[[str], Stack], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    """Each job of a stack with what came of it; all run in one interpreter."""

    @cache
    def of(name: str) -> list[tuple[Job, dict[str, Any]]]:
        stack, root, target = stack_named(name), tmp_path_factory.mktemp(f"mended-{name}"), versions(name)
        world = root / "world"
        shutil.copytree(stack.world, world)
        _call(stack.python, "build", world)
        jobs = [job for rule, example in FIXED for job in of_example(rule, example, root / "shown", target, name)]
        jobs += [job for case in CASES if case.truth for job in of_case(case, root / "planted", target)]
        listed = [_prepared(job, root / "runs" / str(number), world) for number, job in enumerate(jobs)]
        (root / "jobs.json").write_text(json.dumps(listed), encoding="utf-8")
        _call(stack.python, "run", root / "jobs.json")
        outcomes = json.loads((root / "jobs.outcomes.json").read_text(encoding="utf-8"))
        return [(job, outcomes[it["path"]]) for job, it in zip(jobs, listed, strict=True)]

    return of


def _prepared(job: Job, folder: Path, world: Path) -> dict[str, Any]:
    folder.mkdir(parents=True)
    for thing in world.iterdir():
        if thing.name in ("adapters", "checkpoints"):
            shutil.copytree(thing, folder / thing.name)
        elif thing.is_dir():
            (folder / thing.name).symlink_to(thing, target_is_directory=True)
    for name, data in job.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return {"path": str(folder / job.program), "before": job.before, "argv": list(job.argv), "truth": job.truth}


def _call(python: str, command: str, path: Path) -> None:
    done = subprocess.run([python, planted_world.__file__, command, str(path)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")


@pytest.mark.runtime
@pytest.mark.parametrize("stack", EVERY)
@pytest.mark.parametrize("rule", sorted({rule.id for rule in RULES}))
def test_the_mended_program_does_what_the_fix_promises(rule: str, stack: str, ran: Callable[[str], Any]) -> None:
    faulty = {}
    for job, outcome in ran(stack):
        if job.rule != rule:
            continue
        if not job.mended:
            faulty[job.name] = outcome
            continue
        was = faulty[job.name]
        if was.get("trouble") or was["raised"].startswith(("ModuleNotFoundError", "ImportError")):
            continue  # what cannot run there for other reasons, mended or not, says nothing of the fix
        assert was["truth"] or job.mended == "shown", f"{job.name}, {stack}: a fix is offered for what is no fault"
        told = f"{job.name}, {stack}: {outcome.get('trouble', 'the fault is still there')}"
        assert outcome.get("truth") is False, f"{told}\n{b''.join(job.files.values()).decode(errors='replace')}"


@pytest.mark.parametrize("rule", RANGES)
def test_a_fix_is_offered_within_its_range_alone(rule: str, tmp_path: Path) -> None:
    offered = []
    for stack in EVERY:
        jobs = [job for case in CASES if case.rule == rule for job in of_case(case, tmp_path / stack, versions(stack))]
        shown = [it for it in FIXED if it[0] == rule]
        jobs += [job for it in shown for job in of_example(*it, tmp_path / stack / "shown", versions(stack), stack)]
        offered += [stack] if any(job.mended for job in jobs) else []
    assert tuple(offered) == RANGES[rule]


@pytest.mark.parametrize("case", [it for it in CASES if it.not_run], ids=lambda case: case.id)
def test_what_cannot_be_run_here_is_only_shown_a_fix(case: Planted, tmp_path: Path) -> None:
    assert not list(of_case(case, tmp_path, dict(case.target)))
