"""Keys and load belong together: the four crossings, in the real libraries and in adapterlint's words."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import adapterlint

if TYPE_CHECKING:
    from conftest import Stack

LOADS = {
    "wrap": 'model = PeftModel.from_pretrained(base, "adapter")',
    "native": 'base.load_adapter("adapter")\nmodel = base',
    "in-place": 'PeftModel.from_pretrained(base[0].auto_model, "adapter")\nmodel = base',
}
PROGRAM = """\
import numpy
from peft import PeftModel
from sentence_transformers import SentenceTransformer

SENTENCES = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]
base = SentenceTransformer("base", device="cpu")
{load}
numpy.save("embeddings.npy", model.encode(SENTENCES))
"""
# What was saved × how it is loaded: whether the embeddings are the trained ones (else exactly the base's), and what
# is reported as (rule, severity), beside the verdict.
CROSSINGS = {
    ("good", "wrap"): (False, [("peft-on-sentence-transformer", "error")], "works"),
    ("good", "native"): (True, [], "works"),
    ("good", "in-place"): (True, [], "works"),
    ("wrapped", "wrap"): (True, [], "works"),
    ("wrapped", "native"): (False, [("wrapper-prefix", "warning")], "unknown"),
    ("wrapped", "in-place"): (False, [("wrapper-prefix", "warning")], "unknown"),
}
VERSIONS = {"new": "6.2.0", "mid": "5.3.0", "old": "3.0.1"}
RUNS = [(*crossing, on) for crossing in CROSSINGS for on in VERSIONS if (crossing[1], on) != ("native", "old")]


@pytest.fixture(scope="session")
def ran(stack_named: Callable[[str], Stack], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    """The crossings of a stack, run in one interpreter: (folder, what went wrong) of each."""

    @cache
    def of(name: str) -> dict[tuple[str, str], tuple[Path, str]]:
        stack, root = stack_named(name), tmp_path_factory.mktemp(f"crossings-{name}")
        programs = {}
        for saved, loaded in [run[:2] for run in RUNS if run[2] == name]:
            folder = root / f"{saved}-{loaded}"
            shutil.copytree(stack.world / "adapters" / saved, folder / "adapter")
            (folder / "base").symlink_to(stack.world / "base", target_is_directory=True)
            programs[saved, loaded] = folder / "program.py"
            programs[saved, loaded].write_text(PROGRAM.format(load=LOADS[loaded]), encoding="utf-8")
        outcomes = stack.run(list(programs.values()), root / "jobs.json")
        return {crossing: (path.parent, outcomes[path]) for crossing, path in programs.items()}

    return of


@pytest.mark.runtime
@pytest.mark.parametrize(("saved", "loaded", "on"), RUNS, ids=["-".join(run) for run in RUNS])
def test_crossing(
    saved: str,
    loaded: str,
    on: str,
    monkeypatch: pytest.MonkeyPatch,
    ran: Callable[[str], Any],
    stack_named: Callable[[str], Stack],
) -> None:
    import numpy as np

    trained, expected, status = CROSSINGS[saved, loaded]
    stack = stack_named(on)
    folder, trouble = ran(on)[saved, loaded]
    assert not trouble
    monkeypatch.chdir(folder)
    embeddings = np.load("embeddings.npy")
    np.testing.assert_allclose(embeddings, stack.right(saved if trained else "base"), atol=1e-6)
    assert bool(np.abs(embeddings - stack.right("base")).max() > 1e-4) == trained

    report = adapterlint.check(["adapter", "program.py"], target={"sentence-transformers": VERSIONS[on]})
    assert [(finding.rule, str(finding.severity)) for finding in report.findings] == expected
    assert [str(verdict.status) for verdict in report.verdicts] == [status]


def test_wrapped_keys_alone_are_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from casefiles import ADAPTERS

    monkeypatch.chdir(tmp_path)
    for name in ("wrapped", "wrapped_before_5_4"):
        shutil.copytree(ADAPTERS / name, tmp_path / name)
        report = adapterlint.check([name])
        assert [(finding.rule, str(finding.severity)) for finding in report.findings] == [("wrapper-prefix", "warning")]
        assert [str(verdict.status) for verdict in report.verdicts] == ["unknown"]
        assert "SentenceTransformer" in report.verdicts[0].reason


@pytest.mark.runtime
def test_wrapped_keys_of_an_older_version_fit_no_newer_load(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`0.auto_model.` keys belong to sentence-transformers below 5.4: from there on the same load does nothing."""
    import numpy as np

    from casefiles import ADAPTERS

    monkeypatch.chdir(tmp_path)
    shutil.copytree(ADAPTERS / "wrapped_before_5_4", tmp_path / "adapter")
    Path("base").symlink_to(stack.world / "base", target_is_directory=True)
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.format(load=LOADS["wrap"]), encoding="utf-8")
    before = program.read_bytes()
    assert stack.run([program], tmp_path / "jobs.json") == {program: ""}
    np.testing.assert_allclose(np.load("embeddings.npy"), stack.right("base"), atol=1e-6)

    for version, expected in (("6.2.0", ["peft-on-sentence-transformer"]), ("5.3.0", [])):
        report = adapterlint.check("program.py", target={"sentence-transformers": version}, fix=True)
        assert [finding.rule for finding in report.findings] == expected
        assert program.read_bytes() == before, "no load of this version fits these keys"
