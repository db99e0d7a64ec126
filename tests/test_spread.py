"""Many adapters at once: in processes, in threads, and by what is known of adapters that are alike."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from safetensors.numpy import save_file

import adapterlint
import trees
from adapterlint import alike, spread
from adapterlint.alike import Alike
from adapterlint.model import Target, TargetKind
from adapterlint.spread import Done

if TYPE_CHECKING:
    from adapterlint.model import Report

MODULE = "base_model.model.model.layers.{}.self_attn.q_proj"
TARGETS = [Target(f"adapter-{number}", TargetKind.adapter) for number in range(300)]


def write(root: Path, number: int, seed: int, *, rank: int = 2) -> None:
    """An adapter of three layers; every second one is damaged, in a way that its number decides."""
    rng = np.random.default_rng(seed)
    tensors = {}
    for layer in range(3):
        tensors[f"{MODULE.format(layer)}.lora_A.weight"] = rng.normal(0, 0.1, (2, 64)).astype(np.float32)
        tensors[f"{MODULE.format(layer)}.lora_B.weight"] = rng.normal(0, 0.1, (64, 2)).astype(np.float32)
    second = [name for name in tensors if "lora_B" in name]
    damage = number // 2 % 9 if number % 2 else None
    for name in second[: number % 3 + 1]:
        if damage == 0:
            tensors[name][:] = 0
        elif damage == 1:
            tensors[name][0, 0] = np.nan
        elif damage == 2:
            tensors[name][:] = 0.25
        elif damage == 3:
            tensors[name] *= 1e6
        elif damage == 4:
            for copy, original in (
                (name, second[-1]),
                (name.replace("lora_B", "lora_A"), second[-1].replace("lora_B", "lora_A")),
            ):
                tensors[copy][:] = tensors[original]
    if damage == 5:
        for name in second:
            tensors[name] *= 1e-9
    elif damage == 6:
        tensors = {name: it * np.float32(1e18) for name, it in tensors.items()}
    elif damage == 7:
        tensors = {name.replace("base_model.model.", "module."): it for name, it in tensors.items()}
    elif damage == 8:
        tensors = {name: np.zeros_like(it) for name, it in tensors.items()}
    folder = root / f"adapter-{number:03}"
    folder.mkdir(parents=True)
    save_file(tensors, folder / "adapter_model.safetensors")
    config = {**trees.CONFIG, "r": rank, "lora_alpha": 4}
    (folder / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("many")
    for number in range(72):
        write(root, number, number // 4 * 4 if number % 7 == 0 else number, rank=3 if number % 11 == 5 else 2)
    cut = root / "adapter-010" / "adapter_model.safetensors"
    cut.write_bytes(cut.read_bytes()[:-5])
    return root


def summary(report: Report) -> tuple[object, ...]:
    checked = report.checked
    return report.findings, report.verdicts, report.skipped, (checked.adapters, checked.tensors, checked.bytes)


def judged(root: Path, jobs: int = 1) -> tuple[object, ...]:
    return summary(adapterlint.check(str(root), level="hint", isolated=True, jobs=jobs))


def test_what_is_known_of_alike_adapters_changes_no_word(many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = judged(many)
    monkeypatch.setattr(Alike, "kind", lambda *_: None)
    assert known == judged(many)
    findings = {finding.rule for finding in adapterlint.check(str(many), level="hint", isolated=True).findings}
    assert {"inert-adapter", "partly-inert", "non-finite-values", "constant-tensor", "exploding-delta"} <= findings
    assert {"identical-layers", "vanishing-delta", "wrapper-prefix", "weights-unreadable", "rank-differs"} <= findings


def test_what_is_known_may_be_forgotten_at_any_time(many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = judged(many)
    for most, headers in ((3, 64), (512, 2), (1, 1)):
        monkeypatch.setattr(alike, "MOST", most)
        monkeypatch.setattr(alike, "HEADERS", headers)
        assert known == judged(many)


@pytest.mark.parametrize("large", [0, 1 << 40], ids=["threads", "processes"])
def test_several_at_a_time_say_the_same(many: Path, large: int, monkeypatch: pytest.MonkeyPatch) -> None:
    one = judged(many)
    monkeypatch.setattr(spread, "LARGE", large)
    monkeypatch.setattr(spread, "MANY", 8)
    monkeypatch.setattr(spread, "BATCH", 5)
    monkeypatch.setattr(spread, "_idle_cores", lambda: 3)
    monkeypatch.setattr(spread.threading, "active_count", lambda: 1)  # of other tests, a progress bar's may be left
    assert judged(many, jobs=3) == one


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forks, on Linux only")
def test_processes_keep_the_order_and_a_dead_one_is_made_good(monkeypatch: pytest.MonkeyPatch) -> None:
    parent = os.getpid()
    monkeypatch.setattr(spread, "MANY", 8)
    monkeypatch.setattr(spread, "_idle_cores", lambda: 3)
    monkeypatch.setattr(spread.threading, "active_count", lambda: 1)  # of other tests, a progress bar's may be left

    def work(target: Target) -> Done:
        if target.path == "adapter-70" and os.getpid() != parent:
            os._exit(9)
        return Done(target, [], [], tensors=os.getpid())

    done = list(spread.spread(work, TARGETS, 3))
    assert [it.target for it in done] == TARGETS
    assert len({it.tensors for it in done}) > 2 and parent in {it.tensors for it in done}


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forks, on Linux only")
def test_no_process_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spread, "MANY", 8)
    monkeypatch.setattr(spread, "_idle_cores", lambda: 3)
    monkeypatch.setattr(spread.threading, "active_count", lambda: 1)  # of other tests, a progress bar's may be left
    running = spread.spread(lambda target: Done(target, [], [], tensors=os.getpid()), TARGETS, 2)
    children = {next(running).tensors}
    running.close()  # type: ignore[attr-defined]
    for child in children:
        with pytest.raises(OSError):
            os.kill(child, 0)
