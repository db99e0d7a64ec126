"""Programs that look like the fault and are not, or whose fault must not be mended without the author."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import adapterlint
from casefiles import read_cases
from conftest import STACK_OF

if TYPE_CHECKING:
    from casefiles import Case
    from conftest import Stack

RULE = "peft-on-sentence-transformer"
CASES = [(case, version) for case in read_cases("lookalikes") for version in case.versions]
RUNS = [(case, on) for case, version in CASES if case.embeddings for on in STACK_OF[version]]
RUNS = [run for index, run in enumerate(RUNS) if run not in RUNS[:index]]


@pytest.mark.parametrize(("case", "version"), CASES, ids=[f"{case.name}-{version}" for case, version in CASES])
def test_no_byte_changes_and_only_true_findings(
    case: Case, version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = case.write(tmp_path)
    before = path.read_bytes()
    for fix in (False, True):
        report = adapterlint.check([str(path)], target=case.target(version), fix=fix)
        assert not report.crashed
        found = [finding for finding in report.findings if finding.rule == RULE]
        assert len(found) == (case.count if case.expect == "held" else 0)
        assert path.read_bytes() == before


@pytest.fixture(scope="session")
def ran(stack_named: Callable[[str], Stack], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    """What each runnable look-alike does on a stack, all in one interpreter: (folder, what went wrong)."""

    @cache
    def of(name: str) -> dict[str, tuple[Path, str]]:
        stack, root = stack_named(name), tmp_path_factory.mktemp(f"lookalikes-{name}")
        programs = {}
        for case in [case for case, on in RUNS if on == name]:
            path = case.write(root / case.name, stack.world / "adapters")
            (path.parent / "base").symlink_to(stack.world / "base", target_is_directory=True)
            programs[case.name] = path
        outcomes = stack.run(list(programs.values()), root / "jobs.json")
        return {name: (path.parent, outcomes[path]) for name, path in programs.items()}

    return of


@pytest.mark.runtime
@pytest.mark.parametrize(("case", "on"), RUNS, ids=[f"{case.name}-{on}" for case, on in RUNS])
def test_the_innocent_are_innocent(
    case: Case, on: str, ran: Callable[[str], Any], stack_named: Callable[[str], Stack]
) -> None:
    import numpy as np

    stack = stack_named(on)
    folder, trouble = ran(on)[case.name]
    assert not trouble
    embeddings = np.load(folder / "embeddings.npy")
    np.testing.assert_allclose(embeddings, stack.right(str(case.embeddings)), atol=1e-6)
    assert np.abs(embeddings - stack.right("base")).max() > 1e-4
