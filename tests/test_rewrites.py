"""20 and more rewrites of one faulty cell: each is found, mended, and then does what a right load does."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import adapterlint
from casefiles import read_cases, with_sources
from conftest import STACK_OF

if TYPE_CHECKING:
    from casefiles import Case
    from conftest import Stack

RULE = "peft-on-sentence-transformer"
REWRITES = read_cases("rewrites")
RUNS = [(case, version) for case in REWRITES for version in case.versions]
RUNS_ON_STACKS = [(case, version, stack) for case, version in RUNS for stack in STACK_OF[version]]


def names(runs: list[Any]) -> list[str]:
    return ["-".join([run[0].name, *run[1:]]) for run in runs]


def findings(path: Path, case: Case, version: str, *, fix: bool = False) -> list[Any]:
    report = adapterlint.check([str(path)], target=case.target(version), fix=fix)
    assert not report.crashed
    return [finding for finding in report.findings if finding.rule == RULE]


@pytest.mark.parametrize(("case", "version"), RUNS, ids=names(RUNS))
def test_found_once_and_gone_after_the_fix(
    case: Case, version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = case.write(tmp_path)
    before = path.read_bytes()

    (found,) = findings(path, case, version)
    assert path.read_bytes() == before
    assert findings(path, case, version, fix=True) == []
    after = path.read_bytes()
    assert after != before
    assert findings(path, case, version) == []

    assert findings(path, case, version, fix=True) == []
    assert path.read_bytes() == after, "fixing twice is not fixing once"
    if case.notebook is None:
        assert_only_near_the_call(before, after)
    else:
        rebuilt, changed = with_sources(before, after, case)
        assert changed == [found.place.cell]
        assert after == rebuilt, "a byte outside the cell's source has changed"


def assert_only_near_the_call(before: bytes, after: bytes) -> None:
    assert before.count(b"\r\n") == before.count(b"\n") * (b"\r\n" in before)
    assert after.count(b"\r\n") == after.count(b"\n") * (b"\r\n" in before)
    old, new = before.splitlines(), after.splitlines()
    (call,) = [number for number, line in enumerate(old) if b".from_pretrained(" in line]
    for tag, start, stop, _, _ in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        assert tag == "equal" or (call - 1 <= start and stop <= call + 5), b"\n".join(old[start:stop])


@pytest.fixture(scope="session")
def ran(stack_named: Callable[[str], Stack], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    """All programs of a stack, as they came and mended, run in one interpreter: (folder, what went wrong) of each."""

    @cache
    def of(name: str) -> dict[tuple[str, str, str], tuple[Path, str]]:
        stack, root = stack_named(name), tmp_path_factory.mktemp(f"rewrites-{name}")
        programs = {}
        for case, version, on in RUNS_ON_STACKS:
            if on == name:
                for state in ("faulty", "mended"):
                    path = case.write(root / f"{case.name}-{version}-{state}", stack.world / "adapters")
                    (path.parent / "base").symlink_to(stack.world / "base", target_is_directory=True)
                    if state == "mended":
                        mend(path, case, version)
                    programs[case.name, version, state] = path
        outcomes = stack.run(list(programs.values()), root / "jobs.json")
        return {key: (path.parent, outcomes[path]) for key, path in programs.items()}

    return of


def mend(path: Path, case: Case, version: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(path.parent)
        findings(path, case, version, fix=True)


@pytest.mark.runtime
@pytest.mark.parametrize(("case", "version", "on"), RUNS_ON_STACKS, ids=names(RUNS_ON_STACKS))
def test_mended_program_does_what_a_right_load_does(
    case: Case, version: str, on: str, ran: Callable[[str], Any], stack_named: Callable[[str], Stack]
) -> None:
    import numpy as np

    stack = stack_named(on)
    right = np.stack([stack.right(adapter) for adapter in case.adapters])
    base = np.stack([stack.right("base") for _ in case.adapters])

    folder, trouble = ran(on)[case.name, version, "faulty"]
    assert not trouble
    np.testing.assert_allclose(np.load(folder / "embeddings.npy").reshape(base.shape), base, atol=1e-6)

    folder, trouble = ran(on)[case.name, version, "mended"]
    assert not trouble, (folder / case.file_name).read_text(encoding="utf-8")
    mended = np.load(folder / "embeddings.npy").reshape(right.shape)
    np.testing.assert_allclose(mended, right, atol=1e-6)
    assert np.abs(mended - base).reshape(len(base), -1).max(axis=1).min() > 1e-4
